"""The hour a record is counted under, however its date-time is kept."""

from typing import Any

import pyarrow as pa
import pytest

from tieline.rules.evaluate import Interpreter
from tieline.rules.model import Ruleset
from tieline.rules.simulation.arrow import Encoder
from tieline.rules.simulation.columns import Coded, Column, Numbered
from tieline.rules.simulation.hours import NO_HOUR, hours_of
from tieline.rules.simulation.records import chunk_of_records, instants_column

AT = Ruleset("r", {"at": {"type": "string", "format": "date-time"}}, ())
MOMENTS: list[tuple[str | None, str]] = [
    ("2026-01-31T14:00:00Z", "2026-01-31T14"),
    ("2026-01-31T14:59:59.999999Z", "2026-01-31T14"),
    ("2026-01-31T14:30:00+01:00", "2026-01-31T13"),
    (None, NO_HOUR),
    ("1969-12-31T23:59:59Z", "1969-12-31T23"),
    ("2026-01-31T15:00:00-00:30", "2026-01-31T15"),
]
FINER = "2026-01-31T14:00:00.1234567891Z"  # than a billionth of a second


def told(column: Column | None, length: int) -> list[str]:
    hours = hours_of(column, length)
    return [hours.texts[code] for code in hours.codes]


def columns(moments: list[str | None]) -> list[Column]:
    records: list[dict[str, Any]] = [{} if one is None else {"at": one} for one in moments]
    interpreter = Interpreter(AT)
    batch = pa.RecordBatch.from_pydict({"at": pa.array(moments, pa.string())})
    return [
        chunk_of_records(interpreter, records).columns["at"],
        Encoder(interpreter).chunk(batch).columns["at"],
        instants_column(moments),
    ]


def test_a_record_is_counted_under_its_hour_in_utc() -> None:
    moments = [moment for moment, _ in MOMENTS]

    found = columns(moments)

    assert any(isinstance(column, Numbered) for column in found)
    for column in found:
        assert told(column, len(moments)) == [hour for _, hour in MOMENTS]


def test_an_instant_finer_than_a_machine_holds_has_its_hour_too() -> None:
    found = columns([FINER, None, "2026-01-31T15:00:00Z"])

    assert any(isinstance(column, Coded) for column in found)
    for column in found:
        assert told(column, 3) == ["2026-01-31T14", NO_HOUR, "2026-01-31T15"]


@pytest.mark.parametrize("length", [0, 3])
def test_records_without_the_column_have_no_hour(length: int) -> None:
    assert told(None, length) == [NO_HOUR] * length
