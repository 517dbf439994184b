"""Rules as a queue's conditional group routing, where they use its two metrics only.

A rule there is one comparison (`EstimatedWaitTime gt 120`) and the groups that may then answer:
`then: {groups: [{id: …, type: GROUP}], waitSeconds: 30, queue: {id: …}}`; `queue` names whose
metric is measured and is left out for the queue itself. At most five rules.
"""

from collections.abc import Mapping
from typing import Any

from tieline.errors import InvalidInput, LimitExceeded, Unsupported
from tieline.rules.exact_number import exact, plain_number
from tieline.rules.model import Condition, Rule, Ruleset
from tieline.types import Json

METRICS: Mapping[str, str] = {
    "EstimatedWaitTime": "EstimatedWaitTime",
    "estimated_wait_time": "EstimatedWaitTime",
    "ServiceLevel": "ServiceLevel",
    "service_level": "ServiceLevel",
}
MOST_RULES = 5
# Three days, for a wait and for a condition in seconds.
LONGEST_SECONDS = 259_200
_OPERATORS: Mapping[str, str] = {
    "gt": "GreaterThan",
    "gte": "GreaterThanOrEqualTo",
    "lt": "LessThan",
    "lte": "LessThanOrEqualTo",
}
_GROUP_TYPES = frozenset({"TEAM", "GROUP", "SKILLGROUP"})
_THEN_KEYS = frozenset({"groups", "waitSeconds", "queue"})


def uses_metrics_only(ruleset: Ruleset) -> bool:
    """Whether every enabled rule is one comparison of a queue metric."""
    rules = ruleset.ordered()
    return bool(rules) and all(
        isinstance(rule.when, Condition) and rule.when.field in METRICS for rule in rules
    )


def compile_group_routing(ruleset: Ruleset) -> dict[str, Any]:
    """The queue's `conditionalGroupRouting`, rules in the order they are tried.

    Raises:
        Unsupported: a rule is more than one comparison of a metric, or there is a default.
        LimitExceeded: more than five rules.
        InvalidInput: the groups, the value or the wait are not what the platform takes.
    """
    if ruleset.default is not None:
        raise Unsupported("conditional group routing has no default")
    rules = ruleset.ordered()
    if len(rules) > MOST_RULES:
        raise LimitExceeded(
            f"conditional group routing has {MOST_RULES} rules at most, these are {len(rules)}"
        )
    return {"rules": [_rule(rule) for rule in rules]}


def _rule(rule: Rule) -> dict[str, Any]:
    condition = rule.when
    if not isinstance(condition, Condition) or condition.field not in METRICS:
        raise _refused(rule, "its condition is not one comparison of a queue metric")
    if condition.operator not in _OPERATORS:
        raise _refused(rule, f"`{condition.operator}` is not an order of numbers")
    unknown = sorted(set(rule.then) - _THEN_KEYS)
    if unknown:
        raise _refused(rule, f"there is no place for `then.{unknown[0]}`")
    document: dict[str, Any] = {
        "metric": METRICS[condition.field],
        "operator": _OPERATORS[condition.operator],
        "conditionValue": _value(rule, condition),
        "groups": _groups(rule),
    }
    if "waitSeconds" in rule.then:
        document["waitSeconds"] = _wait(rule, rule.then["waitSeconds"])
    if "queue" in rule.then:
        document["queue"] = _queue(rule, rule.then["queue"])
    return document


def _value(rule: Rule, condition: Condition) -> Json:
    number = exact(condition.value)
    if number is None or not 0 <= number <= LONGEST_SECONDS:
        raise _wrong(rule, f"the value must lie between 0 and {LONGEST_SECONDS:,}")
    return plain_number(number)


def _groups(rule: Rule) -> list[dict[str, str]]:
    groups = rule.then.get("groups")
    if not isinstance(groups, list) or not groups:
        raise _wrong(rule, "`then.groups` is a list of at least one group")
    for group in groups:
        fits = isinstance(group, Mapping) and isinstance(group.get("id"), str)
        if not fits or group.get("type") not in _GROUP_TYPES:
            raise _wrong(rule, "a group has an `id` and a `type` of TEAM, GROUP or SKILLGROUP")
    return [{"id": group["id"], "type": group["type"]} for group in groups]


def _wait(rule: Rule, value: Json) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LONGEST_SECONDS:
        raise _wrong(rule, f"`then.waitSeconds` is a whole number up to {LONGEST_SECONDS:,}")
    return value


def _queue(rule: Rule, value: Json) -> dict[str, str]:
    if not isinstance(value, Mapping) or not isinstance(value.get("id"), str):
        raise _wrong(rule, "`then.queue` is given by its id: {id: …}")
    return {"id": value["id"]}


def _refused(rule: Rule, reason: str) -> Unsupported:
    line = "" if rule.at.line is None else f"line {rule.at.line}: "
    message = f"{line}`{rule.name}` cannot be conditional group routing: {reason}"
    details = [{"loc": [rule.at.path], "type": "inexpressible", "line": rule.at.line}]
    return Unsupported(message, details=details)


def _wrong(rule: Rule, reason: str) -> InvalidInput:
    line = "" if rule.at.line is None else f"line {rule.at.line}: "
    return InvalidInput(f"{line}`{rule.name}`: {reason}")
