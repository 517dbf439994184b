"""The difference between rules as written and as they stand remotely, as data with a fingerprint.

A plan is made by reading; `apply` takes the plan and refuses it when the remote side is no longer
what the plan was made from.
"""

import difflib
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tieline.audit.canonical import canonical_json
from tieline.errors import StalePlan
from tieline.types import Json

# Keys a server fills in.
SERVER_SET = frozenset({"id", "version", "selfUri", "dateCreated", "dateModified"})

ChangeKind = Literal["add", "change", "remove", "move"]


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the difference; `fields` are the keys whose values differ."""

    kind: ChangeKind
    name: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    fields: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The entry of a plan's `changes`."""
        return {
            "kind": self.kind,
            "name": self.name,
            "fields": list(self.fields),
            "before": self.before,
            "after": self.after,
        }


@dataclass(frozen=True, slots=True)
class RulesPlan:
    """`base` is the fingerprint of what stood remotely when the plan was made."""

    target: str
    base: str
    desired: str
    changes: tuple[Change, ...]
    unchanged: int

    @property
    def id(self) -> str:
        """The plan's own fingerprint: equal for equal plans."""
        return fingerprint(
            [self.target, self.base, self.desired, [change.to_json() for change in self.changes]]
        )

    def to_json(self) -> dict[str, Any]:
        """The document of `rules plan --json`."""
        return {
            "plan_id": self.id,
            "target": self.target,
            "base": self.base,
            "desired": self.desired,
            "unchanged": self.unchanged,
            "changes": [change.to_json() for change in self.changes],
        }


def fingerprint(value: Json) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def plan_named(
    target: str,
    *,
    desired: Sequence[Mapping[str, Any]],
    remote: Sequence[Mapping[str, Any]],
    ignored: frozenset[str] = SERVER_SET,
) -> RulesPlan:
    """A plan for entries known by their `name`, as the guides' rules; order does not matter.

    `ignored` are keys the server sets; they neither differ nor count in the fingerprints.
    """
    wanted = {str(entry["name"]): _without(entry, ignored) for entry in desired}
    standing = {str(entry["name"]): _without(entry, ignored) for entry in remote}
    changes: list[Change] = []
    for name, after in wanted.items():
        before = standing.get(name)
        if before is None:
            changes.append(Change("add", name, None, after))
        elif fields := _differing(before, after):
            changes.append(Change("change", name, before, after, fields))
    changes += [
        Change("remove", name, before, None)
        for name, before in standing.items()
        if name not in wanted
    ]
    touched = sum(1 for change in changes if change.kind != "remove")
    return RulesPlan(
        target,
        base=remote_fingerprint(remote, ignored=ignored),
        desired=fingerprint([wanted[name] for name in sorted(wanted)]),
        changes=tuple(changes),
        unchanged=len(wanted) - touched,
    )


def remote_fingerprint(
    remote: Sequence[Mapping[str, Any]],
    *,
    ignored: frozenset[str] = SERVER_SET,
) -> str:
    """What `plan_named` keeps as `base`; ids do count, so that a replaced rule is noticed."""
    entries = [{**_without(entry, ignored), "id": entry.get("id")} for entry in remote]
    return fingerprint(
        sorted(entries, key=lambda entry: (str(entry.get("name")), str(entry["id"])))
    )


def plan_ordered(
    target: str,
    *,
    desired: Sequence[Mapping[str, Any]],
    remote: Sequence[Mapping[str, Any]],
    name_of: str = "rule",
) -> RulesPlan:
    """A plan for entries whose order is their meaning, as a decision table's rows.

    A row that stands elsewhere unaltered is a `move`.
    """
    before = [fingerprint(entry) for entry in remote]
    after = [fingerprint(entry) for entry in desired]
    changes: list[Change] = []
    unchanged = 0
    matcher = difflib.SequenceMatcher(a=before, b=after, autojunk=False)
    for tag, start, end, first, last in matcher.get_opcodes():
        if tag == "equal":
            unchanged += end - start
            continue
        gone, new = remote[start:end], desired[first:last]
        changes += [Change("remove", str(entry.get(name_of)), entry, None) for entry in gone]
        changes += [Change("add", str(entry.get(name_of)), None, entry) for entry in new]
    return RulesPlan(
        target, fingerprint(before), fingerprint(after), tuple(_with_moves(changes)), unchanged
    )


def check_fresh(plan: RulesPlan, base: str) -> None:
    """Refuse a plan when the remote side is no longer what it was made from.

    Raises:
        StalePlan: the fingerprints differ.
    """
    if plan.base != base:
        raise StalePlan(
            f"{plan.target} changed since the plan was made: {plan.base[:12]} is {base[:12]} by now"
        )


def _with_moves(changes: Sequence[Change]) -> list[Change]:
    """A removal and an addition of the same entry are one move."""
    removed: dict[str, list[int]] = {}
    for number, change in enumerate(changes):
        if change.kind == "remove":
            removed.setdefault(fingerprint(change.before), []).append(number)
    gone: set[int] = set()
    told: list[Change] = []
    for change in changes:
        places = removed.get(fingerprint(change.after)) if change.kind == "add" else None
        if places:
            gone.add(places.pop(0))
            told.append(Change("move", change.name, change.after, change.after))
        else:
            told.append(change)
    standing = {id(change) for number, change in enumerate(changes) if number in gone}
    return [change for change in told if id(change) not in standing]


def _without(entry: Mapping[str, Any], ignored: frozenset[str]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in ignored}


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Keys of the wanted entry that the standing one has otherwise; extra remote keys are kept."""
    return tuple(
        key for key, value in after.items() if fingerprint(before.get(key)) != fingerprint(value)
    )
