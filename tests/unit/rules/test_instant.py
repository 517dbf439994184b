from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tieline.rules.instant import instant_from_text, instant_text

SAME = [
    ("offset", "2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00Z"),
    ("lower case", "2026-01-01t00:00:00z", "2026-01-01T00:00:00Z"),
    ("trailing zeros", "2026-01-01T00:00:00.500Z", "2026-01-01T00:00:00.5Z"),
    ("a leap second is the next minute's first", "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
    ("a leap second elsewhere", "2017-01-01T08:59:60+09:00", "2017-01-01T00:00:00Z"),
    ("unknown offset", "2026-01-01T00:00:00-00:00", "2026-01-01T00:00:00Z"),
    ("before the year one", "0001-01-01T00:00:00+01:00", "0000-12-31T23:00:00Z"),
]


@pytest.mark.parametrize(("one", "other"), [row[1:] for row in SAME], ids=[row[0] for row in SAME])
def test_two_texts_of_one_instant(one: str, other: str) -> None:
    assert instant_from_text(one) == instant_from_text(other)


REFUSED = [
    "2026-01-01", "2026-01-01T00:00:00", "2026-01-01 00:00:00Z", "2026-02-30T00:00:00Z",
    "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z",
    "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00.Z", "٢٠٢٦-01-01T00:00:00Z", "", "now",
    "2026-01-01T00:00:00Z\n",
]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_date_time(text: str) -> None:
    assert instant_from_text(text) is None


@given(st.datetimes(), st.integers(min_value=-1439, max_value=1439))
def test_instants_are_those_of_datetime(moment: datetime, minutes: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    since = aware - datetime(1970, 1, 1, tzinfo=UTC)
    exact = Decimal(since.days * 86_400 + since.seconds) + Decimal(since.microseconds) / 10**6

    assert instant_from_text(aware.isoformat()) == exact


# From 0000-01-01T00:00:00+23:59 to the end of 9999-12-31 at -23:59: all that has a text.
@given(st.decimals(min_value=-62_167_305_540, max_value=Decimal("253402387139.9"), places=12))
@example(Decimal(-62_167_305_540))
@example(Decimal("-62167219200.000000000001"))
@example(Decimal(-62_167_219_200))
@example(Decimal(253_402_300_800))
@example(Decimal("253402387139.999999999999"))
def test_text_of_an_instant_names_it(instant: Decimal) -> None:
    assert instant_from_text(instant_text(instant)) == instant
