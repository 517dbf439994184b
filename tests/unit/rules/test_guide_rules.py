"""Rules as the guides' API takes them."""

from dataclasses import replace

import pytest

from tieline.errors import Unsupported
from tieline.rules.check import load_ruleset
from tieline.rules.guide_rules import compile_guide
from tieline.rules.model import Ruleset

IDS = {"Q": "5b8e1c9d-7a2f-4d3b-8e6c-0f9a1b2c3d03"}


def ruleset(when: str, *, more: str = "", then: str = "{queue: Q}") -> Ruleset:
    return load_ruleset(
        f"ruleset: r\nfields: {{vip: {{type: boolean}}}}{more}\nrules:\n"
        f"- {{name: only, when: '{when}', then: {then}}}\n"
    )


def test_the_guides_payload() -> None:
    compiled = compile_guide(ruleset('vip eq "true"', more="\ndefault: {queue: Q}"), queue_ids=IDS)

    assert compiled.payloads == (
        {
            "name": "only",
            "description": "",
            "queue": {"id": IDS["Q"]},
            "expression": {"type": "condition", "field": "vip", "operator": "eq", "value": True},
            "priority": 0,
            "enabled": True,
        },
    )
    assert compiled.notes == ("the default is not deployed: this dialect has no place for it",)


def test_the_guides_server_has_to_know_that_low_priorities_go_first() -> None:
    compiled = compile_guide(
        ruleset("vip eq true", more="\npriority_order: lowest_first"), queue_ids=IDS
    )

    assert compiled.notes == (
        "the rules try low priorities first; the server must be set up to do so too",
    )
    assert compile_guide(ruleset("vip eq true"), queue_ids=IDS).notes == ()


def test_a_rule_without_a_queue_of_its_own_goes_to_the_files() -> None:
    then = "then: {queue: {id: own}}, enabled: false, priority: 4, description: why"
    rules = load_ruleset(
        "ruleset: r\nqueue: Q\nfields: {n: {type: integer}}\nrules:\n"
        f"- {{name: one, when: n gt 1, {then}}}\n"
    )
    bare = replace(rules, rules=(replace(rules.rules[0], then={}),))

    assert compile_guide(rules, queue_ids=IDS).payloads[0]["queue"] == {"id": "own"}
    payload = compile_guide(bare, queue_ids=IDS).payloads[0]
    assert payload["queue"] == {"id": IDS["Q"]}
    assert (payload["enabled"], payload["priority"]) == (False, 4)
    assert payload["description"] == "why"


def test_a_target_beyond_the_queue_has_no_place_in_the_guides_dialect() -> None:
    with pytest.raises(Unsupported) as caught:
        compile_guide(ruleset("vip eq true", then="{queue: Q, note: x, zone: y}"), queue_ids=IDS)

    assert caught.value.message == ("line 4: `only`: this dialect has no place for `then.note`")
    assert list(caught.value.details) == [{"loc": ["rules[0]"], "type": "inexpressible", "line": 4}]
