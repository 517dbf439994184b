"""Which keys a log signs with. The first is its identity; each next is signed by the one before.

Whoever trusts the first key can follow the chain; a key that nobody handed over to is not its key.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tieline.audit.checkpoint import NoteSigner, SignedNote, VerifierKey, parse_note
from tieline.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class ChainedKey:
    """A key, the size of the log from which it signs, and the note that hands over to it.

    `handover` is None for the first key only.
    """

    key: VerifierKey
    since: int
    handover: str | None = None


def handover_note(old: NoteSigner, key: VerifierKey, since: int) -> str:
    """What the retiring key signs about its successor."""
    return old.sign(_handover_text(key, since))


def check_chain(chain: Sequence[ChainedKey]) -> None:
    """Refuse a chain with a key that the one before it did not hand over to.

    Raises:
        InvalidInput: names the key.
    """
    if not chain:
        raise InvalidInput("the log has no verifier key")
    for before, after in pairwise(chain):
        note = parse_note(after.handover or "\n\n\n")
        said = note.text == _handover_text(after.key, after.since)
        if not said or after.since < before.since or note.signed_by([before.key]) is None:
            raise InvalidInput(f"the key {after.key} was not handed over to by the key before it")


def signer_of(note: SignedNote, size: int, chain: Sequence[ChainedKey]) -> VerifierKey | None:
    """The key that signed a checkpoint of this size, if it was that key's turn; else None.

    A retired key signs nothing larger than where it ended: a thief of an old key cannot go on.
    """
    ends = [link.since for link in chain[1:]]
    for place, link in enumerate(chain):
        before_end = place == len(ends) or size <= ends[place]
        if link.since <= size and before_end and note.signed_by([link.key]):
            return link.key
    return None


def _handover_text(key: VerifierKey, since: int) -> str:
    return f"{key.name} hands over\n{since}\n{key}\n"
