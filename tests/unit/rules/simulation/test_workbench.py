"""An edited rule is counted as if everything had been counted again."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rule_histories import FIELDS, RECORDS, counted, expected, rulesets
from sampling import examples

from tieline.errors import InvalidInput
from tieline.rules.evaluate import Interpreter, Invalid
from tieline.rules.model import Condition, Rule, Ruleset
from tieline.rules.simulation.records import chunk_of_records
from tieline.rules.simulation.workbench import Workbench

RULES = rulesets()


@st.composite
def edits(draw: st.DrawFn) -> list[Ruleset]:
    """A rule set and what becomes of it: rules changed, added, removed, moved."""
    current = draw(RULES)
    history = [current]
    for _ in range(draw(st.integers(1, 4))):
        rules = list(current.rules)
        other = draw(RULES).rules[0]
        place = draw(st.integers(0, len(rules) - 1))
        match draw(st.sampled_from(["change", "add", "remove", "disable", "swap"])):
            case "change":
                rules[place] = replace(rules[place], when=other.when)
            case "add":
                rules.insert(place, replace(other, name=f"n{len(history)}"))
            case "remove":
                del rules[place]
            case "disable":
                rules[place] = replace(rules[place], enabled=False)
            case _:
                rules[place] = replace(rules[place], priority=3 - rules[place].priority)
        if rules:
            current = replace(current, rules=tuple(rules))
        history.append(current)
    return history


@examples(300)
@given(edits(), st.lists(st.lists(RECORDS, min_size=1, max_size=70), min_size=1, max_size=3))
def test_each_run_counts_as_the_interpreter_says(
    history: list[Ruleset], parts: list[list[dict[str, Any]]]
) -> None:
    interpreter = Interpreter(history[0])
    records = [record for part in parts for record in part]
    bench = Workbench([chunk_of_records(interpreter, part) for part in parts])

    before = None
    for ruleset in history:
        tally = bench.run(ruleset)
        assert counted(tally) == counted(expected(ruleset, records))
        if before is not None:
            assert dict(tally.moved) == moves(before, ruleset, records)
        before = ruleset


def moves(old: Ruleset, new: Ruleset, records: list[dict[str, Any]]) -> dict[Any, int]:
    found: dict[Any, int] = {}
    for record in records:
        pair = winner(old, record), winner(new, record)
        if pair[0] != pair[1]:
            found[pair] = found.get(pair, 0) + 1
    return found


def winner(ruleset: Ruleset, record: dict[str, Any]) -> str | None:
    match = Interpreter(ruleset).first_match(record)
    return match.name if match is not None and not isinstance(match, Invalid) else None


def test_other_fields_are_refused() -> None:
    first = Ruleset("a", FIELDS, (Rule("r", Condition("language", "eq", "en"), {}),))
    bench = Workbench([chunk_of_records(Interpreter(first), [{"language": "en"}])])
    bench.run(first)

    with pytest.raises(InvalidInput, match="fields"):
        bench.run(replace(first, fields={"language": {"type": "integer"}}))
