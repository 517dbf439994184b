from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.calls.retry_after import LONGEST_SECONDS, retry_after

WALL = 1_700_000_000.0  # Tue, 14 Nov 2023 22:13:20 GMT
MESSAGE = {"message": "Rate limit exceeded the maximum. Retry the request in [42] seconds"}

CASES = [
    ("an integer", {"retry-after": "42"}, None, 42.0),
    ("an integer with blanks", {"retry-after": " 7 "}, None, 7.0),
    ("nothing", {"retry-after": "0"}, None, 0.0),
    ("hours of a daily quota", {"retry-after": "36000"}, None, 36000.0),
    ("absurd", {"retry-after": "99999999999999999999"}, None, LONGEST_SECONDS),
    ("a megabyte of digits", {"retry-after": "9" * 1_000_000}, None, LONGEST_SECONDS),
    ("negative", {"retry-after": "-5"}, None, None),
    ("negative, and a message", {"retry-after": "-5"}, MESSAGE, 42.0),
    ("negative in the message too", {"retry-after": "-5"},
     {"message": "Retry the request in [-5] seconds"}, None),
    ("a fraction in the message", {}, {"message": "Retry the request in 1.5 seconds"}, None),
    ("a fraction", {"retry-after": "1.5"}, None, None),
    ("words", {"retry-after": "soon"}, None, None),
    ("empty", {"retry-after": ""}, None, None),
    ("digits of another script", {"retry-after": "٤٢"}, None, None),
    ("missing", {}, None, None),
    ("missing, and a message", {}, MESSAGE, 42.0),
    ("missing, and no object", {}, ["x"], None),
    ("missing, and a message that is no text", {}, {"message": 42}, None),
    ("missing, and another message", {}, {"message": "limit of 300"}, None),
    ("the header before the message", {"retry-after": "3"}, MESSAGE, 3.0),
    ("a date", {"retry-after": "Tue, 14 Nov 2023 22:13:50 GMT"}, None, 30.0),
    ("a date that has passed", {"retry-after": "Tue, 14 Nov 2023 22:00:00 GMT"}, None, 0.0),
    ("a date in a century", {"retry-after": "Tue, 14 Nov 2123 22:13:50 GMT"}, None,
     LONGEST_SECONDS),
    ("an impossible date", {"retry-after": "Tue, 99 Nov 2023 22:13:50 GMT"}, None, None),
    ("a date by the sender's own clock",
     {"retry-after": "Tue, 14 Nov 2023 12:00:30 GMT", "date": "Tue, 14 Nov 2023 12:00:00 GMT"},
     None, 30.0),
    ("a date and an unreadable Date",
     {"retry-after": "Tue, 14 Nov 2023 22:13:50 GMT", "date": "yesterday"}, None, 30.0),
]  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "body", "seconds"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_the_wait_that_an_answer_asks_for(
    headers: dict[str, str], body: object, seconds: float | None
) -> None:
    assert retry_after(headers, body, wall=WALL) == seconds


@given(st.text(max_size=40), st.none() | st.text(max_size=40), st.text(max_size=80))
def test_no_header_and_no_message_breaks_it_or_asks_for_a_negative_wait(
    header: str, date: str | None, message: str
) -> None:
    headers = {"retry-after": header} | ({"date": date} if date is not None else {})

    seconds = retry_after(headers, {"message": message}, wall=WALL)

    assert seconds is None or 0.0 <= seconds <= LONGEST_SECONDS


@given(st.integers(0, 600_000), st.integers(-100_000, 100_000))
def test_a_date_means_the_same_wait_whatever_our_own_clock_says(wait: int, skew: int) -> None:
    sent = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)
    headers = {
        "date": format_datetime(sent, usegmt=True),
        "retry-after": format_datetime(sent + timedelta(seconds=wait), usegmt=True),
    }

    assert retry_after(headers, None, wall=sent.timestamp() + skew) == wait
