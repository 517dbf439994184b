"""What a verification found, and where."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal[
    "altered",
    "removed",
    "inserted",
    "reordered",
    "truncated",
    "bad-signature",
    "bad-checkpoint",
    "torn-tail",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. `record` is the sequence it begins at; `segment` the file to look into."""

    kind: Kind
    message: str
    segment: str | None = None
    record: int | None = None

    def to_json(self) -> dict[str, Any]:
        """The entry of the verification document."""
        return {
            "kind": self.kind,
            "segment": self.segment,
            "record": self.record,
            "message": self.message,
        }


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """By record, those without one first; the order people read a log in."""
    return sorted(problems, key=lambda p: (-1 if p.record is None else p.record, p.kind))
