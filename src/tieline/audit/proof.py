"""Proofs that an auditor checks without this program; docs/how-to/check_proof.py does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tieline.audit.merkle import Hash


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """This very line is record `record` of the log that the checkpoint signs.

    `line` is the exact text that was hashed. `checkpoint` is a signed note, `keys` are vkeys.
    """

    record: int
    line: str
    size: int
    path: Sequence[Hash]
    checkpoint: str
    keys: Sequence[str]

    def to_json(self) -> dict[str, Any]:
        """The document of `tieline audit prove RECORD`."""
        return {
            "type": "inclusion",
            "record": self.record,
            "line": self.line,
            "size": self.size,
            "path": [step.hex() for step in self.path],
            "checkpoint": self.checkpoint,
            "keys": list(self.keys),
        }


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """The log of the old checkpoint is the beginning of the log of the new one."""

    old_size: int
    old_root: Hash
    size: int
    path: Sequence[Hash]
    checkpoint: str
    keys: Sequence[str]

    def to_json(self) -> dict[str, Any]:
        """The document of `tieline audit prove --since CHECKPOINT`."""
        return {
            "type": "consistency",
            "old_size": self.old_size,
            "old_root": self.old_root.hex(),
            "size": self.size,
            "path": [step.hex() for step in self.path],
            "checkpoint": self.checkpoint,
            "keys": list(self.keys),
        }
