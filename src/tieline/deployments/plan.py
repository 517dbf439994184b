"""A plan: a hashed difference between what is written and what stands; stale ones are refused."""

import hashlib
from dataclasses import dataclass
from typing import Any, Literal

from tieline.audit.canonical import canonical_json
from tieline.errors import StalePlan
from tieline.types import DialectName, Json

Change = Literal["none", "create", "update", "replace", "finish"]
"""What a deploy does; `finish` only clears away what one left that stopped half-way."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place that would change; `path` is dotted, a side that has nothing there is None."""

    path: str
    before: Json
    after: Json

    def to_json(self) -> dict[str, Any]:
        """The form of an entry in a plan's `differences`."""
        return {"path": self.path, "before": self.before, "after": self.after}


@dataclass(frozen=True, slots=True)
class Plan:
    """Made by reading only. `base` is the fingerprint of the remote state it was made from."""

    target: str
    version: str
    dialect: DialectName
    change: Change
    base: str
    differences: tuple[Difference, ...] = ()
    resumes: bool = False  # an earlier deploy of ours stopped half-way, and is taken up

    def to_json(self) -> dict[str, Any]:
        """The document of `… plan --json`."""
        return {
            "target": self.target,
            "version": self.version,
            "dialect": self.dialect,
            "change": self.change,
            "base": self.base,
            "resumes": self.resumes,
            "differences": [difference.to_json() for difference in self.differences],
        }

    def check_fresh(self, base: str) -> None:
        """Refuse to go on from another remote state than the one the plan was made from.

        Raises:
            StalePlan: nothing was changed.
        """
        if base != self.base:
            raise StalePlan(
                f"{self.target} changed since the plan was made: "
                f"{self.base[:12]} is now {base[:12]}"
            )


def fingerprint(state: Json) -> str:
    """SHA-256 (hex) of the canonical JSON of a remote state."""
    return hashlib.sha256(canonical_json(state)).hexdigest()


def differences(before: Json, after: Json, *, path: str = "") -> tuple[Difference, ...]:
    """List where two JSON values differ, objects key by key, everything else whole."""
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return () if before == after else (Difference(path, before, after),)
    found: list[Difference] = []
    for key in [*before, *(key for key in after if key not in before)]:
        place = f"{path}.{key}" if path else str(key)
        if key in before and key in after:
            found += differences(before[key], after[key], path=place)
        else:  # null on one side is still something that is not on the other
            found.append(Difference(place, before.get(key), after.get(key)))
    return tuple(found)
