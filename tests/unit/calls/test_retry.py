"""The truth table, stated a second time: a change of one side has to be made on both."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.calls.retry import TABLE, Attempt, Seen, Verdict, classify, judge

REPEAT, WAIT, SETTLED = Verdict.RETRY, Verdict.WAIT, Verdict.SETTLED
REFRESH, UNCERTAIN, BROKEN = Verdict.REFRESH, Verdict.UNCERTAIN, Verdict.BROKEN

CASES = [
    # what came, idempotent, once only
    ("never left", Attempt(0, False), REPEAT, REPEAT),
    ("no answer", Attempt(0, True), REPEAT, UNCERTAIN),
    ("200", Attempt(0, True, 200), SETTLED, SETTLED),
    ("202", Attempt(0, True, 202), SETTLED, SETTLED),
    ("204", Attempt(0, True, 204), SETTLED, SETTLED),
    ("200 unreadable", Attempt(0, True, 200, fault="no JSON"), REPEAT, UNCERTAIN),
    ("200 too large", Attempt(0, True, 200, fault="large", oversized=True), BROKEN, UNCERTAIN),
    ("302", Attempt(0, True, 302), BROKEN, BROKEN),
    ("303", Attempt(0, True, 303), REPEAT, UNCERTAIN),
    ("304", Attempt(0, True, 304), BROKEN, BROKEN),
    ("400", Attempt(0, True, 400), SETTLED, SETTLED),
    ("400 unreadable", Attempt(0, True, 400, fault="broke off"), SETTLED, SETTLED),
    ("401", Attempt(0, True, 401), REFRESH, REFRESH),
    ("404", Attempt(0, True, 404), SETTLED, SETTLED),
    ("408", Attempt(0, True, 408), SETTLED, SETTLED),
    ("409", Attempt(0, True, 409), SETTLED, SETTLED),
    ("429 with a time", Attempt(0, True, 429, retry_after=5.0), WAIT, WAIT),
    ("429 without", Attempt(0, True, 429), WAIT, WAIT),
    ("500", Attempt(0, True, 500), SETTLED, SETTLED),
    ("501", Attempt(0, True, 501), SETTLED, SETTLED),
    ("502", Attempt(0, True, 502), REPEAT, UNCERTAIN),
    ("502 with a time", Attempt(0, True, 502, retry_after=1.0), REPEAT, UNCERTAIN),
    ("503 with a time", Attempt(0, True, 503, retry_after=1.0), REPEAT, REPEAT),
    ("503 and a time of nothing", Attempt(0, True, 503, retry_after=0.0), REPEAT, REPEAT),
    ("503 without", Attempt(0, True, 503), REPEAT, UNCERTAIN),
    ("504", Attempt(0, True, 504), REPEAT, UNCERTAIN),
]


@pytest.mark.parametrize(
    ("attempt", "idempotent", "once_only"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_what_follows_from_an_attempt(
    attempt: Attempt, idempotent: Verdict, once_only: Verdict
) -> None:
    assert judge(attempt, idempotent=True) is idempotent
    assert judge(attempt, idempotent=False) is once_only


def test_the_table_has_a_line_for_everything_that_can_be_seen() -> None:
    assert set(TABLE) == set(Seen)


@given(
    st.none() | st.integers(200, 599),
    st.booleans(),
    st.none() | st.floats(0, 1e6),
    st.none() | st.just("fault"),
)
def test_a_once_only_request_is_repeated_only_after_a_proof_that_it_was_not_carried_out(
    status: int | None, written: bool, retry_after: float | None, fault: str | None
) -> None:
    attempt = Attempt(0, written or status is not None, status, {}, None, retry_after, fault)
    proven = (
        not attempt.written or status in {401, 429} or (status == 503 and retry_after is not None)
    )

    verdict = judge(attempt, idempotent=False)

    assert (verdict in {REPEAT, WAIT, REFRESH}) == proven


def test_idempotency_changes_nothing_but_what_is_repeated() -> None:
    for row in TABLE.values():
        assert row.idempotent is row.once_only or row.once_only is UNCERTAIN


def test_every_status_is_classified() -> None:
    for status, written in itertools.product(range(200, 600), (True,)):
        assert classify(Attempt(0, written, status)) in Seen
