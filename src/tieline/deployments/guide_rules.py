"""What a deployment of rules would change in the guides' dialect: rules by queue and name.

Only rules of the file, and rules that an earlier deployment left and the file no longer has, are
looked at: what others keep on the same queue is theirs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tieline.dialects.entries import RoutingRule
from tieline.rules.diff import Change, RulesPlan, fingerprint
from tieline.types import JsonObject


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """What makes a rule the same one: a queue has no two of one name."""

    queue_id: str
    name: str

    @classmethod
    def of(cls, document: JsonObject) -> "Key":
        """The key of a payload."""
        return cls(str(document["queue"]["id"]), str(document["name"]))


Wanted = Mapping[Key, JsonObject | None]
"""What is to stand under each key; None: nothing."""


def content_of(rule: RoutingRule) -> dict[str, Any]:
    """A standing rule in the form of the payload that would create it."""
    return {
        "name": rule.name,
        "description": rule.description or "",
        "queue": {"id": rule.queue_id},
        "expression": rule.expression,
        "priority": rule.priority or 0,
        "enabled": rule.enabled is not False,
    }


def wanted_rules(
    payloads: Sequence[JsonObject], *, ours: Iterable[Key], before: Wanted
) -> dict[Key, JsonObject | None]:
    """What is to stand: the payloads in their order, then nothing where our own rules vanished.

    `before` is what an unfinished deployment found: a key that it touched and that is not ours goes
    back to that.
    """
    wanted: dict[Key, JsonObject | None] = {Key.of(payload): payload for payload in payloads}
    kept = set(ours)
    for key in sorted({*kept, *before} - set(wanted)):
        wanted[key] = None if key in kept else before[key]
    return wanted


def plan_rules(target: str, wanted: Wanted, standing: Mapping[Key, RoutingRule]) -> RulesPlan:
    """Compare; `standing` may hold more than `wanted` names."""
    changes: list[Change] = []
    unchanged = 0
    for key, after in wanted.items():
        rule = standing.get(key)
        change = _change(key.name, None if rule is None else content_of(rule), after)
        if change is not None:
            changes.append(change)
        elif after is not None:
            unchanged += 1
    base = [
        [key.queue_id, key.name, standing[key].id, content_of(standing[key])]
        for key in sorted(wanted)
        if key in standing
    ]
    desired = [wanted[key] for key in sorted(wanted) if wanted[key] is not None]
    return RulesPlan(target, fingerprint(base), fingerprint(desired), tuple(changes), unchanged)


def _change(name: str, before: JsonObject | None, after: JsonObject | None) -> Change | None:
    if before is None:
        return None if after is None else Change("add", name, None, after)
    if after is None:
        return Change("remove", name, before, None)
    fields = differing(before, after)
    return Change("change", name, before, after, fields) if fields else None


def differing(before: JsonObject, after: JsonObject) -> tuple[str, ...]:
    """The keys whose values differ; `true` is not 1."""
    return tuple(
        key for key, value in after.items() if fingerprint(before.get(key)) != fingerprint(value)
    )


def keyed(entries: Iterable[JsonObject], member: str) -> dict[Key, JsonObject | None]:
    """Read a journal's list of `{"queue", "name", <member>}`."""
    return {Key(str(each["queue"]), str(each["name"])): each.get(member) for each in entries}


def listed(documents: Wanted, member: str) -> list[dict[str, Any]]:
    """Write what `keyed` reads."""
    return [
        {"queue": key.queue_id, "name": key.name, member: document}
        for key, document in documents.items()
    ]
