"""The engine agrees with the interpreter on every record, however the history is stored."""

import json
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from rule_histories import FIELDS, RECORDS, SCHEMA, counted, expected, rulesets
from sampling import examples

from tieline.rules.evaluate import Interpreter, Invalid
from tieline.rules.model import And, Condition, Rule, Ruleset
from tieline.rules.simulation.arrow import Encoder
from tieline.rules.simulation.columns import Chunk
from tieline.rules.simulation.engine import Engine
from tieline.rules.simulation.records import chunk_of_records


def engine(ruleset: Ruleset) -> Engine:
    return Engine(ruleset, ticks=lambda: 0)


def arrow_chunk(ruleset: Ruleset, records: list[dict[str, Any]]) -> Chunk:
    batch = pa.RecordBatch.from_pylist(records, schema=SCHEMA)
    return Encoder(Interpreter(ruleset)).chunk(batch)


SLOW = examples(300)


@SLOW
@given(rulesets(), st.lists(RECORDS, min_size=1, max_size=70))
def test_records_are_counted_as_the_interpreter_says(
    ruleset: Ruleset, records: list[dict[str, Any]]
) -> None:
    chunk = chunk_of_records(Interpreter(ruleset), records)

    tally = engine(ruleset).count(chunk)

    assert counted(tally) == counted(expected(ruleset, records))
    assert engine(ruleset).takes(chunk) == tally.won


@SLOW
@given(rulesets(), st.lists(RECORDS, min_size=1, max_size=70))
def test_arrow_columns_are_counted_as_the_interpreter_says(
    ruleset: Ruleset, records: list[dict[str, Any]]
) -> None:
    as_doubles = [
        {**r, "score": float(r["score"])} if r.get("score") is not None else r for r in records
    ]

    tally = engine(ruleset).count(arrow_chunk(ruleset, as_doubles))

    assert counted(tally) == counted(expected(ruleset, as_doubles))


@SLOW
@given(rulesets(), st.lists(RECORDS, min_size=2, max_size=60), st.integers(0, 60))
def test_counting_in_parts_adds_up_to_counting_at_once(
    ruleset: Ruleset, records: list[dict[str, Any]], cut: int
) -> None:
    interpreter = Interpreter(ruleset)
    counting = engine(ruleset)
    parts = [part for part in (records[:cut], records[cut:]) if part]

    sums = [counting.count(chunk_of_records(interpreter, part)) for part in parts]
    total = sums[0] + sums[1] if len(sums) > 1 else sums[0]

    assert counted(total) == counted(expected(ruleset, records))


ODD = st.sampled_from([None, True, 1, 1.5, "text", [], ["a"], [1], [None], {}, {"a": 1}])


@SLOW
@given(rulesets(), st.lists(st.dictionaries(st.sampled_from(sorted(FIELDS)), ODD), min_size=1))
def test_a_record_with_a_wrong_type_is_counted_invalid_and_matches_nothing(
    ruleset: Ruleset, records: list[dict[str, Any]]
) -> None:
    chunk = chunk_of_records(Interpreter(ruleset), records)

    assert counted(engine(ruleset).count(chunk)) == counted(expected(ruleset, records))


@SLOW
@given(rulesets(), rulesets(), st.lists(RECORDS, min_size=1, max_size=40))
def test_what_moved_is_what_two_interpreters_disagree_on(
    new: Ruleset, old: Ruleset, records: list[dict[str, Any]]
) -> None:
    new = Ruleset("new", FIELDS, new.rules)
    old = Ruleset("old", FIELDS, old.rules)
    chunk = chunk_of_records(Interpreter(new), records)
    moved: dict[tuple[Any, Any], int] = {}
    for record in records:
        pair = (_winner(old, record), _winner(new, record))
        if pair[0] != pair[1]:
            moved[pair] = moved.get(pair, 0) + 1

    tally = Engine(new, ticks=lambda: 0, against=old).count(chunk, record_at=records.__getitem__)

    assert dict(tally.moved) == moved
    for pair, samples in tally.samples.items():
        assert all((_winner(old, r), _winner(new, r)) == pair for _, r in samples)


def _winner(ruleset: Ruleset, record: dict[str, Any]) -> str | None:
    match = Interpreter(ruleset).first_match(record)
    return match.name if match is not None and not isinstance(match, Invalid) else None


def test_an_edited_rule_finds_the_bitmaps_of_the_others() -> None:
    records = [json.loads('{"language": "en", "priority": 5}')] * 3
    before = Ruleset("a", FIELDS, (Rule("r", Condition("language", "eq", "en"), {"queue": "q"}),))
    after = Ruleset(
        "a",
        FIELDS,
        (Rule("r", And((Condition("language", "eq", "en"), Condition("vip", "exists"))), {}),),
    )
    chunk = chunk_of_records(Interpreter(before), records)
    bitmaps: dict[Condition, Any] = {}

    engine(before).count(chunk, bitmaps=bitmaps)
    kept = bitmaps[Condition("language", "eq", "en")]
    tally = engine(after).count(chunk, bitmaps=bitmaps)

    assert bitmaps[Condition("language", "eq", "en")] is kept
    assert tally.won == [0]
