"""Conditional group routing: one comparison of a queue metric and the groups that may answer."""

from decimal import Decimal
from typing import Any

import pytest

from tieline.errors import Error, InvalidInput, LimitExceeded, Unsupported
from tieline.rules.check import check_rule_file, load_ruleset, usable
from tieline.rules.group_routing import (
    LONGEST_SECONDS,
    MOST_RULES,
    compile_group_routing,
    uses_metrics_only,
)
from tieline.rules.model import Ruleset
from tieline.rules.rule_file import rule_file_from_json

FIELDS = (
    "{EstimatedWaitTime: {type: number}, estimated_wait_time: {type: number}, "
    "ServiceLevel: {type: number}, service_level: {type: number}, vip: {type: boolean}}"
)
GROUPS = "groups: [{id: g, type: GROUP}]"


def metrics(when: str, then: str = f"{{{GROUPS}}}", *, more: str = "") -> Ruleset:
    return load_ruleset(
        f"ruleset: r\nfields: {FIELDS}\n{more}"
        f"rules:\n- name: only\n  when: {when}\n  then: {then}\n"
    )


def test_a_rule_on_a_queue_metric_becomes_one_of_the_queues_routing() -> None:
    rules = metrics(
        "EstimatedWaitTime gt 120",
        "{groups: [{id: g, type: GROUP, name: x}, {id: t, type: TEAM}], waitSeconds: 30,"
        " queue: {id: other, name: Other}}",
    )

    assert compile_group_routing(rules) == {
        "rules": [
            {
                "metric": "EstimatedWaitTime",
                "operator": "GreaterThan",
                "conditionValue": 120,
                "groups": [{"id": "g", "type": "GROUP"}, {"id": "t", "type": "TEAM"}],
                "waitSeconds": 30,
                "queue": {"id": "other"},
            }
        ]
    }


WRITTEN: list[tuple[str, str, str, Any]] = [
    ("EstimatedWaitTime gt 0", "EstimatedWaitTime", "GreaterThan", 0),
    ("estimated_wait_time gte 5", "EstimatedWaitTime", "GreaterThanOrEqualTo", 5),
    ("ServiceLevel lt 80.5", "ServiceLevel", "LessThan", 80.5),
    (f"service_level lte {LONGEST_SECONDS}", "ServiceLevel", "LessThanOrEqualTo", LONGEST_SECONDS),
]


@pytest.mark.parametrize(("when", "metric", "operator", "value"), WRITTEN)
def test_metrics_and_orders_have_the_platforms_names(
    when: str, metric: str, operator: str, value: Any
) -> None:
    (rule,) = compile_group_routing(metrics(when))["rules"]

    assert rule == {
        "metric": metric,
        "operator": operator,
        "conditionValue": value,
        "groups": [{"id": "g", "type": "GROUP"}],
    }
    assert not isinstance(rule["conditionValue"], Decimal)


def test_only_rules_that_each_compare_one_metric_use_metrics_only() -> None:
    assert uses_metrics_only(metrics("service_level lt 80"))
    assert not uses_metrics_only(metrics("vip eq true"))
    assert not uses_metrics_only(metrics("service_level lt 80 and ServiceLevel gt 1"))
    assert not uses_metrics_only(load_ruleset("ruleset: r\nfields: {}\nrules: []"))


CANNOT = "line 4: `only` cannot be conditional group routing: "
WRONG = "line 4: `only`: "
A_GROUP = "a group has an `id` and a `type` of TEAM, GROUP or SKILLGROUP"
LIMIT = "the value must lie between 0 and 259,200"
WAIT = "`then.waitSeconds` is a whole number up to 259,200"
REFUSED: list[tuple[str, str, type[Error], str]] = [
    ("vip eq true", f"{{{GROUPS}}}", Unsupported,
     f"{CANNOT}its condition is not one comparison of a queue metric"),
    ("ServiceLevel gt 5 and ServiceLevel lt 9", f"{{{GROUPS}}}", Unsupported,
     f"{CANNOT}its condition is not one comparison of a queue metric"),
    ("EstimatedWaitTime eq 5", f"{{{GROUPS}}}", Unsupported,
     f"{CANNOT}`eq` is not an order of numbers"),
    ("EstimatedWaitTime gt 5", f"{{{GROUPS}, zone: a, colour: red}}", Unsupported,
     f"{CANNOT}there is no place for `then.colour`"),
    ("EstimatedWaitTime gt 259200.5", f"{{{GROUPS}}}", InvalidInput, WRONG + LIMIT),
    ("EstimatedWaitTime gt -1", f"{{{GROUPS}}}", InvalidInput, WRONG + LIMIT),
    ("EstimatedWaitTime gt 5", "{queue: {id: Q}}", InvalidInput,
     f"{WRONG}`then.groups` is a list of at least one group"),
    ("EstimatedWaitTime gt 5", "{groups: []}", InvalidInput,
     f"{WRONG}`then.groups` is a list of at least one group"),
    ("EstimatedWaitTime gt 5", "{groups: {id: g, type: GROUP}}", InvalidInput,
     f"{WRONG}`then.groups` is a list of at least one group"),
    ("EstimatedWaitTime gt 5", "{groups: [{id: g, type: SQUAD}]}", InvalidInput, WRONG + A_GROUP),
    ("EstimatedWaitTime gt 5", "{groups: [{id: 5, type: GROUP}]}", InvalidInput, WRONG + A_GROUP),
    ("EstimatedWaitTime gt 5", "{groups: [g]}", InvalidInput, WRONG + A_GROUP),
    ("EstimatedWaitTime gt 5", f"{{{GROUPS}, waitSeconds: 259201}}", InvalidInput, WRONG + WAIT),
    ("EstimatedWaitTime gt 5", f"{{{GROUPS}, waitSeconds: -1}}", InvalidInput, WRONG + WAIT),
    ("EstimatedWaitTime gt 5", f"{{{GROUPS}, waitSeconds: true}}", InvalidInput, WRONG + WAIT),
    ("EstimatedWaitTime gt 5", f"{{{GROUPS}, waitSeconds: 1.5}}", InvalidInput, WRONG + WAIT),
    ("EstimatedWaitTime gt 5", f"{{{GROUPS}, queue: Q}}", InvalidInput,
     f"{WRONG}`then.queue` is given by its id: {{id: …}}"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("when", "then", "error", "message"), REFUSED, ids=[f"{n}" for n in range(len(REFUSED))]
)
def test_what_group_routing_cannot_say_is_told_with_its_line(
    when: str, then: str, error: type[Error], message: str
) -> None:
    with pytest.raises(error) as caught:
        compile_group_routing(metrics(when, then))

    assert caught.value.message == message
    if error is Unsupported:
        assert list(caught.value.details) == [
            {"loc": ["rules[0]"], "type": "inexpressible", "line": 4}
        ]


@pytest.mark.parametrize("seconds", [0, LONGEST_SECONDS])
def test_a_wait_may_be_as_long_as_three_days(seconds: int) -> None:
    rules = metrics("ServiceLevel gt 5", f"{{{GROUPS}, waitSeconds: {seconds}}}")

    assert compile_group_routing(rules)["rules"][0]["waitSeconds"] == seconds


def test_a_refusal_without_a_file_has_no_line() -> None:
    def told(when: str, then: dict[str, Any]) -> str:
        document = {
            "ruleset": "r",
            "fields": {"ServiceLevel": {"type": "number"}},
            "rules": [{"name": "a", "when": when, "then": then}],
        }
        with pytest.raises(Error) as caught:
            compile_group_routing(usable(check_rule_file(rule_file_from_json(document))))
        return caught.value.message

    assert told("ServiceLevel eq 5", {"queue": "q"}).startswith("`a` cannot be")
    assert told("ServiceLevel gt 5", {"queue": "q"}).startswith("`a`: `then.groups`")


def test_there_is_no_default() -> None:
    with pytest.raises(Unsupported) as caught:
        compile_group_routing(metrics("ServiceLevel gt 5", more="default: {queue: D}\n"))

    assert caught.value.message == "conditional group routing has no default"


@pytest.mark.parametrize("more", [0, 1])
def test_five_rules_are_the_most(more: int) -> None:
    rules = "".join(
        f"- {{name: r{n}, when: ServiceLevel gt {n}, then: {{{GROUPS}}}}}\n"
        for n in range(MOST_RULES + more)
    )
    ruleset = load_ruleset(f"ruleset: r\nfields: {FIELDS}\nrules:\n{rules}")

    if not more:
        assert len(compile_group_routing(ruleset)["rules"]) == MOST_RULES
        return
    with pytest.raises(LimitExceeded) as caught:
        compile_group_routing(ruleset)
    assert caught.value.message == "conditional group routing has 5 rules at most, these are 6"
