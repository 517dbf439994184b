"""The rules of conditional group routing, checked as the platform checks them."""

from collections.abc import Iterator
from typing import Any

from tieline.emulator.tables import Table

_METRICS = ("EstimatedWaitTime", "ServiceLevel")
_OPERATORS = ("GreaterThan", "GreaterThanOrEqualTo", "LessThan", "LessThanOrEqualTo")
_GROUP_TYPES = ("TEAM", "GROUP", "SKILLGROUP")
_MOST_RULES = 5
_MOST_SECONDS = 259_200
_PLACE = "conditionalGroupRouting"

Flaw = tuple[str, str]


def flaws(routing: Any, queues: Table) -> Iterator[Flaw]:
    """List what is wrong, by field; `queues` are those that a rule may measure."""
    rules = routing.get("rules") if isinstance(routing, dict) else None
    if not isinstance(rules, list):
        yield f"{_PLACE}.rules", "a list of rules"
        return
    if len(rules) > _MOST_RULES:
        yield f"{_PLACE}.rules", f"at most {_MOST_RULES} rules"
    for index, rule in enumerate(rules):
        place = f"{_PLACE}.rules[{index}]"
        if not isinstance(rule, dict):
            yield place, "an object"
            continue
        yield from _rule(rule, place, queues, first=index == 0)


def _rule(rule: dict[str, Any], place: str, queues: Table, *, first: bool) -> Iterator[Flaw]:
    yield from _queue(rule.get("queue"), place, queues, first=first)
    metric = rule.get("metric") or _METRICS[0]
    if metric not in _METRICS:
        yield f"{place}.metric", " or ".join(_METRICS)
    if rule.get("operator") not in _OPERATORS:
        yield f"{place}.operator", " or ".join(_OPERATORS)
    most = 100 if metric == "ServiceLevel" else _MOST_SECONDS
    if not _number(rule.get("conditionValue"), most):
        yield f"{place}.conditionValue", f"0 to {most}"
    wait = rule.get("waitSeconds")
    if wait is not None and (not _number(wait, _MOST_SECONDS) or not isinstance(wait, int)):
        yield f"{place}.waitSeconds", f"a whole number from 0 to {_MOST_SECONDS}"
    groups = rule.get("groups")
    if not isinstance(groups, list) or not groups:
        yield f"{place}.groups", "at least one group"
        return
    for index, group in enumerate(groups):
        kind = group.get("type") if isinstance(group, dict) else None
        if not isinstance(group, dict) or not group.get("id") or kind not in _GROUP_TYPES:
            yield f"{place}.groups[{index}]", f"an id and a type of {', '.join(_GROUP_TYPES)}"


def _queue(queue: Any, place: str, queues: Table, *, first: bool) -> Iterator[Flaw]:
    if queue is None:
        return
    queue_id = queue.get("id") if isinstance(queue, dict) else None
    if first and queue_id is not None:
        yield f"{place}.queue", "the first rule measures this queue: leave it out"
    elif queue_id is not None and queues.find(str(queue_id)) is None:
        yield f"{place}.queue", "a queue that exists"


def _number(value: Any, most: int) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float) and 0 <= value <= most
