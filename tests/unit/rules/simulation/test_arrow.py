"""Whatever type a column has in Arrow, its records count as the interpreter says of each."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from rule_histories import counted, expected

from tieline.rules.check import load_ruleset
from tieline.rules.evaluate import Interpreter
from tieline.rules.simulation.arrow import Encoder
from tieline.rules.simulation.decoder import arrow_record
from tieline.rules.simulation.engine import Engine

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
STRINGS = "{type: array, items: {type: string}}"
INTEGERS = "{type: array, items: {type: integer}}"
MOMENT = "{type: string, format: date-time}"
NUMBERS = ("f gt 1", "f eq 2", "f lte 1.5")
MOMENTS = ('f gt "2026-01-31T11:59:59.5Z"', 'f eq "2026-01-31T12:00:00Z"')
COLUMNS: list[tuple[str, tuple[str, ...], Any]] = [
    ("{type: integer}", NUMBERS, pa.array([1, None, 2, 3], pa.int8())),
    ("{type: integer}", NUMBERS, pa.array([1, None, 2, 2**64 - 1], pa.uint64())),
    ("{type: integer}", NUMBERS, pa.array([1.0, None, 2.0, 1.5, float("nan")])),
    ("{type: integer}", NUMBERS, pa.array([Decimal("1.0"), None, Decimal("2.0"), Decimal("1.5")])),
    ("{type: integer}", NUMBERS, pa.array(["1", None])),
    ("{type: integer}", NUMBERS, pa.array([True, None])),
    ("{type: number}", NUMBERS, pa.array([1.5, None, 2.0, float("inf")], pa.float32())),
    ("{type: number}", NUMBERS, pa.array([Decimal("1.50"), None, Decimal("2.00")])),
    ("{type: number}", NUMBERS, pa.array([1, None, 2])),
    ("{type: number}", NUMBERS, pa.array([None, None], pa.null())),
    ("{type: boolean}", ("f eq true", "f neq true"), pa.array([True, None, False])),
    ("{type: boolean}", ("f eq true", "f neq true"), pa.array([1, None, 0])),
    ("{type: string}", ('f eq "a"', 'f contains "b"'), pa.array(["a", None, "ab"])),
    ("{type: string}", ('f eq "a"', 'f neq "a"', 'f contains "b"', 'f regex "^a.$"'),
     pa.array(["a", None, "ab"], pa.large_string()).dictionary_encode()),
    ("{type: string}", ('f eq "a"',), pa.array([1, None, 2]).dictionary_encode()),
    ("{type: string}", ('f eq "a"',), pa.array([1, None])),
    (MOMENT, MOMENTS, pa.array([NOON, None], pa.timestamp("ms", "UTC"))),
    (MOMENT, MOMENTS, pa.array([NOON, None], pa.timestamp("us"))),
    (MOMENT, MOMENTS, pa.array(["2026-01-31T12:00:00Z", None, "2026-01-31T13:00:00+01:00"])),
    (MOMENT, MOMENTS,
     pa.array(["2026-01-31t12:00:00.0000000001z", None, "today", "1600-01-01T00:00:00Z"])),
    (MOMENT, MOMENTS, pa.array(["2026-01-31T12:00:00Z", None]).dictionary_encode()),
    (MOMENT, ('f contains "T12"', *MOMENTS),
     pa.array(["2026-01-31T12:00:00Z", None, "2026-01-31T13:00:00+01:00"])),
    (MOMENT, MOMENTS, pa.array([5, None])),
    (MOMENT, MOMENTS, pa.array([None, None], pa.string())),
    (STRINGS, ('f contains "a"',), pa.array([["a"], None, [], ["b", "a"], ["b"]])),
    (STRINGS, ('f contains "a"',), pa.array([["a"], None, [], ["b", "a"]],
     pa.large_list(pa.large_string()))),
    (STRINGS, ('f contains "a"',), pa.array([["a"], ["a", None], [None], [], ["b"]])),
    (STRINGS, ('f contains "a"',), pa.array([[1], None, [], [2]])),
    (STRINGS, ('f contains "a"',), pa.array([[None], None, []], pa.list_(pa.null()))),
    (STRINGS, ('f contains "a"',), pa.array(["a", None])),
    (INTEGERS, ("f contains 2",), pa.array([[1, 2], None, [], [3]])),
    (INTEGERS, ("f contains 2",), pa.array([[1.0, 2.0], [1.5], [2.0, 1.5], [], None])),
    ("{type: array, items: {type: boolean}}", ("f contains true",),
     pa.array([[True, False], None, [False], []])),
    ("{type: object}", (), pa.array([{"a": 1}, None, {"a": None}])),
    ("{type: object}", (), pa.array(["a", None])),
]  # fmt: skip


@pytest.mark.parametrize(
    ("schema", "conditions", "array"), COLUMNS, ids=[f"{n}" for n in range(len(COLUMNS))]
)
@pytest.mark.parametrize("required", ["", "required: [f]\n"], ids=["optional", "required"])
def test_a_column_counts_as_its_records_do(
    schema: str, conditions: tuple[str, ...], array: Any, required: str
) -> None:
    rules = "".join(
        f"- {{name: r{number}, when: '{when}', then: {{queue: Q}}}}\n"
        for number, when in enumerate((*conditions, "exists f", "not_exists f"))
    )
    ruleset = load_ruleset(f"ruleset: r\nfields: {{f: {schema}}}\n{required}rules:\n{rules}")
    batch = pa.RecordBatch.from_arrays([array], ["f"])
    records = [arrow_record(batch, place) for place in range(batch.num_rows)]

    chunk = Encoder(Interpreter(ruleset)).chunk(batch, first_row=3)

    found = Engine(ruleset, ticks=lambda: 0).count(chunk)
    assert counted(found) == counted(expected(ruleset, records))
    assert (chunk.length, chunk.first_row) == (batch.num_rows, 3)
