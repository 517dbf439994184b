"""Deployments of routing rules, from their journals."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread

from tieline.deployments.journal import History, read_history
from tieline.errors import Error, StoreUnavailable
from tieline.store.deployments import FileJournal

_NAME = re.compile(r"(?P<ruleset>.+)-(?P<target>guide|table|queue)-(?P<place>[0-9a-f]{12})")
MOST_JOURNALS = 500
# A journal of thousands of deployments; one that is larger is none that `rules apply` wrote.
LARGEST_BYTES = 32 * 2**20


@dataclass(frozen=True, slots=True)
class RuleJournal:
    """The deployments of one rule set to one target and organisation.

    `ruleset` is its name as the file's name spells it; `place` tells organisations apart.
    `problem` says why a journal could not be read; its history is empty then.
    """

    name: str
    ruleset: str
    target: str
    place: str
    history: History
    problem: str | None = None


class RulesReader:
    """Reads the journals again only where they changed. Methods block in a thread."""

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir / "deployments"
        self._known: dict[str, tuple[tuple[int, int], RuleJournal]] = {}

    async def journals(self) -> Sequence[RuleJournal]:
        """Every journal, the one that changed last first.

        Raises:
            StoreUnavailable: the folder cannot be read.
        """
        return await anyio.to_thread.run_sync(self._journals)

    def _journals(self) -> Sequence[RuleJournal]:
        try:
            paths = [path for path in self._folder.glob("*.jsonl") if _NAME.fullmatch(path.stem)]
            stats = {path: path.stat() for path in paths}
        except OSError as exc:
            raise StoreUnavailable(f"{self._folder} cannot be read: {exc.strerror}") from exc
        newest = sorted(paths, key=lambda path: -stats[path].st_mtime)[:MOST_JOURNALS]
        found: dict[str, tuple[tuple[int, int], RuleJournal]] = {}
        for path in newest:
            version = stats[path].st_mtime_ns, stats[path].st_size
            known = self._known.get(path.stem)
            if known is None or known[0] != version:
                known = version, _read(path, stats[path].st_size)
            found[path.stem] = known
        self._known = found
        return [journal for _, journal in found.values()]


def _read(path: Path, size: int) -> RuleJournal:
    match = _NAME.fullmatch(path.stem)
    assert match is not None  # noqa: S101  # what it was chosen by
    history, problem = History(), None
    try:
        if size > LARGEST_BYTES:
            raise StoreUnavailable(f"{path.name} has {size:,} bytes: it is no journal")
        history = _sound(read_history(FileJournal(path).entries()))
    except Error as error:
        problem = error.message
    except (KeyError, TypeError, AttributeError, ValueError):
        problem = f"{path.name} is damaged: an entry is none that `rules apply` writes"
    return RuleJournal(
        path.stem, match["ruleset"], match["target"], match["place"], history, problem
    )


def _sound(history: History) -> History:
    """The history, where its words are words.

    Raises:
        TypeError: an entry is none that a deployment writes.
    """
    for one in history.deployments:
        words = (one.id, one.action, one.state, one.started, one.message)
        if not all(isinstance(word, str) for word in words):
            raise TypeError(one.id)
    return history
