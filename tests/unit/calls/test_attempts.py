"""Whole calls, driven without a loop: every order of faults, against a model of the platform."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.calls.attempts import Authorize, Refused, Reserve, Send, Wait, attempts
from tieline.calls.breaker import Breaker
from tieline.calls.budget import Budget
from tieline.calls.deadline import Deadline
from tieline.calls.operation import Answer, Operation, Request
from tieline.calls.order import Order
from tieline.calls.progress import Progress
from tieline.calls.retry import Attempt
from tieline.errors import (
    ApiError,
    AuthenticationFailed,
    BadAnswer,
    CircuitOpen,
    DeadlineExceeded,
    Error,
    MaxRetriesExceeded,
    NetworkError,
    NotFound,
    OutcomeUnknown,
    RateLimited,
)

LAUNCH = Operation("flows.launch", "POST", "/flows", idempotent=False, dialect="platform")
REPLACE = Operation("queues.put", "PUT", "/queues/1", idempotent=True, dialect="platform")
FOLLOW = Operation("flows.show", "GET", "/flows/1", idempotent=True, dialect="platform")

JSON = {"content-type": "application/json"}


@dataclass
class Event:
    """What the platform does with one attempt."""

    name: str
    carried_out: bool
    attempt: Attempt  # `at` is ignored
    took: float = 0.1


OK = Event("ok", True, Attempt(0, True, 200, JSON, {"id": "e1"}))
NEVER_LEFT = Event("refused", False, Attempt(0, False, fault="refused"))
LOST_BEFORE = Event("dropped unread", False, Attempt(0, True, fault="broke"))
LOST_AFTER = Event("dropped after commit", True, Attempt(0, True, fault="broke"))
GARBAGE = Event("garbage", True, Attempt(0, True, 200, JSON, fault="no JSON"))
OVERSIZED = Event("oversized", True, Attempt(0, True, 200, JSON, fault="large", oversized=True))
SEE_OTHER = Event("303", True, Attempt(0, True, 303, {"location": "/there"}))
MOVED = Event("302", False, Attempt(0, True, 302, {"location": "https://evil.example/"}))
UNAUTHORIZED = Event("401", False, Attempt(0, True, 401, JSON, {"message": "bad token"}))
LIMITED = Event("429", False, Attempt(0, True, 429, JSON, {"message": "slow"}, 2.0))
LIMITED_DUMB = Event("429 and no time", False, Attempt(0, True, 429, JSON, None))
BUSY = Event("503 and a time", False, Attempt(0, True, 503, JSON, None, 1.0))
DOWN = Event("503", False, Attempt(0, True, 503, JSON, {"raw": "<title>down</title>"}))
DOWN_DONE = Event("503 after commit", True, Attempt(0, True, 503, JSON, None))
GATEWAY = Event("502 after commit", True, Attempt(0, True, 502, JSON, None))
SLOW_GATEWAY = Event("504 after commit", True, Attempt(0, True, 504, JSON, None))
BAD = Event("400", False, Attempt(0, True, 400, JSON, {"message": "no"}))
GONE = Event("404", False, Attempt(0, True, 404, JSON, {"message": "no"}))
CRASH = Event("500", False, Attempt(0, True, 500, JSON, {"message": "oops"}))
EVENTS = (
    OK, NEVER_LEFT, LOST_BEFORE, LOST_AFTER, GARBAGE, OVERSIZED, SEE_OTHER, MOVED, UNAUTHORIZED,
    LIMITED, LIMITED_DUMB, BUSY, DOWN, DOWN_DONE, GATEWAY, SLOW_GATEWAY, BAD, GONE, CRASH,
)  # fmt: skip


@dataclass
class Played:
    """What came of a call."""

    ending: Answer | Error
    executions: int = 0
    sends: int = 0
    waits: list[float] = field(default_factory=list)
    refreshes: int = 0
    told_limiter: int = 0
    ended_at: float = 0.0
    progress: Progress = field(default_factory=Progress)


def play(
    operation: Operation,
    events: Sequence[Event],
    *,
    timeout: float = 600.0,
    retries: int = 4,
    budget: Budget | None = None,
    breaker: Breaker | None = None,
    reserve: float = 0.0,
    chance: float = 0.5,
) -> Played:
    """Drive one call; after the last event the platform answers OK."""
    progress = Progress(correlation_id="ours")
    order = Order(
        request=Request(operation),
        started=0.0,
        wall=1_700_000_000.0,
        deadline=Deadline.after(timeout, now=0.0),
        budget=budget or Budget(),
        breaker=breaker or Breaker(),
        chance=lambda: chance,
        retries=retries,
        progress=progress,
    )
    played = Played(ending=Error("not ended"), progress=progress)
    script = iter(events)
    now = 0.0
    call = attempts(order)
    reply: object = None
    try:
        while True:
            effect = call.send(reply)
            match effect:
                case Reserve():
                    reply = reserve
                case Wait(seconds):
                    assert seconds >= 0.0
                    played.waits.append(seconds)
                    now += seconds
                    reply = now
                case Authorize(refresh, _):
                    played.refreshes += refresh
                    reply = now
                case Refused():
                    played.told_limiter += 1
                    reply = now
                case Send(allowed):
                    assert allowed > 0.0
                    event = next(script, OK)
                    played.sends += 1
                    played.executions += event.carried_out
                    if event.took > allowed:
                        now += allowed
                        reply = Attempt(now, True, fault="the deadline came", cut_off=True)
                    else:
                        now += event.took
                        reply = event.attempt._replace(at=now)
    except StopIteration as stop:
        played.ending = stop.value
    except Error as error:
        played.ending = error
    played.ended_at = now
    return played


CERTAINLY_NOT = (NetworkError, DeadlineExceeded, CircuitOpen, RateLimited)


@given(st.lists(st.sampled_from(EVENTS), max_size=9), st.floats(0.05, 40.0), st.floats(0.0, 0.99))
def test_what_is_not_idempotent_is_carried_out_at_most_once_and_the_ending_tells_the_truth(
    events: list[Event], timeout: float, chance: float
) -> None:
    played = play(LAUNCH, events, timeout=timeout, chance=chance)

    assert played.executions <= 1
    if played.executions == 1:
        assert isinstance(played.ending, Answer | OutcomeUnknown)
    if isinstance(played.ending, Answer):
        assert played.executions == 1
    if isinstance(played.ending, OutcomeUnknown):
        assert played.progress.uncertain


@given(st.lists(st.sampled_from(EVENTS), max_size=9), st.floats(0.05, 40.0), st.floats(0.0, 0.99))
def test_a_repeatable_change_that_may_stand_is_never_called_not_carried_out(
    events: list[Event], timeout: float, chance: float
) -> None:
    played = play(REPLACE, events, timeout=timeout, chance=chance)

    if isinstance(played.ending, CERTAINLY_NOT):
        assert played.executions == 0
    if isinstance(played.ending, ApiError) and played.executions:
        assert "may have been carried out" in played.ending.hint


@given(
    st.sampled_from((LAUNCH, REPLACE, FOLLOW)),
    st.lists(st.sampled_from(EVENTS), max_size=30),
    st.floats(0.05, 60.0),
    st.floats(0.0, 0.99),
    st.integers(0, 6),
)
def test_a_call_ends_by_its_deadline_and_counts_what_was_written(
    operation: Operation, events: list[Event], timeout: float, chance: float, retries: int
) -> None:
    played = play(operation, events, timeout=timeout, chance=chance, retries=retries)

    assert played.ended_at <= timeout + 1e-6
    written = sum(event.attempt.written for event in (*events, *[OK] * 40)[: played.sends])
    # an attempt that our deadline cut off counts as written: nobody knows how far it came
    assert written <= played.ending.attempts <= written + 1
    assert played.refreshes <= 1
    if isinstance(played.ending, Error):
        assert played.ending.hint
        assert played.ending.correlation_id == "ours"


CASES = [
    # name, operation, events, ending, requests sent
    ("never left, then ok", LAUNCH, [NEVER_LEFT], Answer, 2),
    ("busy and says when", LAUNCH, [BUSY], Answer, 2),
    ("busy and says nothing", LAUNCH, [DOWN], OutcomeUnknown, 1),
    ("a gateway spoke", LAUNCH, [GATEWAY], OutcomeUnknown, 1),
    ("a gateway waited", LAUNCH, [SLOW_GATEWAY], OutcomeUnknown, 1),
    ("a lost answer", LAUNCH, [LOST_AFTER], OutcomeUnknown, 1),
    ("an unreadable answer", LAUNCH, [GARBAGE], OutcomeUnknown, 1),
    ("a limit", LAUNCH, [LIMITED, LIMITED_DUMB], Answer, 3),
    ("an old token", LAUNCH, [UNAUTHORIZED], Answer, 2),
    ("a revoked client", LAUNCH, [UNAUTHORIZED, UNAUTHORIZED], AuthenticationFailed, 2),
    ("twice an old token, not in a row", FOLLOW, [UNAUTHORIZED, DOWN, UNAUTHORIZED],
     AuthenticationFailed, 3),
    ("an answered failure", LAUNCH, [CRASH], ApiError, 1),
    ("a read may repeat", FOLLOW, [SLOW_GATEWAY, LOST_AFTER, GARBAGE], Answer, 4),
    ("a read that never works", FOLLOW, [LOST_BEFORE] * 9, MaxRetriesExceeded, 4),
    ("a change that never works", REPLACE, [LOST_BEFORE] * 9, OutcomeUnknown, 4),
    ("a change lost, then never sent", REPLACE, [LOST_AFTER, *[NEVER_LEFT] * 9],
     OutcomeUnknown, 4),
    ("a read of garbage", FOLLOW, [GARBAGE] * 9, BadAnswer, 4),
    ("a read too large", FOLLOW, [OVERSIZED], BadAnswer, 1),
    ("a launch too large", LAUNCH, [OVERSIZED], OutcomeUnknown, 1),
    ("a redirect", LAUNCH, [MOVED], BadAnswer, 1),
    ("a redirect to the result", LAUNCH, [SEE_OTHER], OutcomeUnknown, 1),
    ("not there", FOLLOW, [GONE], NotFound, 1),
]  # fmt: skip


@pytest.mark.parametrize(
    ("operation", "events", "ending", "sends"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_a_call_ends_as_the_table_says(
    operation: Operation, events: list[Event], ending: type[Answer | Error], sends: int
) -> None:
    played = play(operation, events)

    assert type(played.ending) is ending
    assert played.sends == sends


def test_a_rate_limit_is_waited_for_as_told_and_the_limiter_learns_of_it() -> None:
    played = play(LAUNCH, [LIMITED])

    assert played.waits == [2.125]
    assert played.told_limiter == 1


def test_a_rate_limit_longer_than_the_deadline_ends_at_once_and_says_until_when() -> None:
    hours = Event("429", False, Attempt(0, True, 429, JSON, {"message": "daily"}, 7200.0))

    played = play(LAUNCH, [hours], timeout=30.0)

    assert isinstance(played.ending, RateLimited)
    assert "2023-11-15T00:13:20" in played.ending.message
    assert played.ended_at < 1.0


def test_a_busy_platform_that_needs_longer_than_the_deadline_ends_it_and_says_until_when() -> None:
    hours = Event("503", False, Attempt(0, True, 503, JSON, None, 7200.0))

    played = play(LAUNCH, [hours], timeout=30.0)

    assert isinstance(played.ending, DeadlineExceeded)
    assert "come back after 2023-11-15T00:13:20" in played.ending.message


def test_a_full_limiter_ends_the_call_before_anything_is_sent() -> None:
    played = play(LAUNCH, [], timeout=5.0, reserve=40.0)

    assert isinstance(played.ending, RateLimited)
    assert played.sends == 0


def test_a_told_wait_of_nothing_does_not_become_a_hot_loop() -> None:
    now = Event("429", False, Attempt(0, True, 429, JSON, None, 0.0))

    played = play(FOLLOW, [now] * 1000, timeout=30.0)

    assert played.sends < 40


def test_an_open_circuit_refuses_before_anything_is_sent() -> None:
    breaker = Breaker()
    for _ in range(10):
        breaker.failed(0.0)

    played = play(FOLLOW, [], breaker=breaker)

    assert isinstance(played.ending, CircuitOpen)
    assert played.sends == 0


def test_a_circuit_that_opens_after_a_lost_change_leaves_it_unknown() -> None:
    breaker = Breaker()
    for _ in range(9):
        breaker.failed(0.0)

    played = play(REPLACE, [LOST_AFTER], breaker=breaker)

    assert isinstance(played.ending, OutcomeUnknown)


def test_our_own_short_deadline_does_not_open_the_circuit_of_others() -> None:
    breaker = Breaker()
    slow = Event("slow", False, OK.attempt, took=9.0)

    for _ in range(30):
        play(FOLLOW, [slow], timeout=0.1, breaker=breaker)

    assert breaker.state == "closed"


def test_an_error_while_getting_a_token_after_a_lost_change_leaves_it_unknown() -> None:
    order = Order(
        Request(REPLACE), 0.0, 0.0, Deadline.after(60.0, now=0.0), Budget(), Breaker(), lambda: 0.5
    )
    call = attempts(order)
    assert isinstance(next(call), Reserve)
    assert isinstance(call.send(0.0), Authorize)
    assert isinstance(call.send(0.0), Send)
    assert isinstance(call.send(Attempt(1.0, True)), Wait)
    assert isinstance(call.send(2.0), Reserve)
    assert isinstance(call.send(0.0), Authorize)

    with pytest.raises(OutcomeUnknown):
        call.throw(DeadlineExceeded("no token came"))


def test_without_retries_the_plain_reason_is_raised() -> None:
    assert type(play(FOLLOW, [NEVER_LEFT], retries=0).ending) is NetworkError
    down = play(FOLLOW, [DOWN], retries=0).ending
    assert isinstance(down, ApiError)
    assert down.error_code == "GENESYS_API_503"


def test_an_exhausted_budget_ends_the_retries_of_everybody() -> None:
    budget = Budget()

    sends = [play(FOLLOW, [NEVER_LEFT] * 9, budget=budget).sends for _ in range(20)]

    assert sum(sends) - len(sends) <= 6


def test_a_lost_result_of_something_carried_out_is_told_from_a_doubtful_one() -> None:
    lost, doubtful = play(LAUNCH, [GARBAGE]).ending, play(LAUNCH, [LOST_AFTER]).ending

    assert isinstance(lost, Error)
    assert isinstance(doubtful, Error)
    assert "it was carried out" in lost.message
    assert "it may have been carried out" in doubtful.message
