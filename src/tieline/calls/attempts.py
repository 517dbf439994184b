"""One remote call from its first attempt to its end, as a generator that performs nothing.

It yields effects (wait, get a token, write the request once), is sent back what came of each,
and ends by returning the `Answer` or raising the error. The shell in `tieline.http.caller` is
the only place that performs them, so every order of events can be tested without a loop.

    Reserve ─▶ (Wait) ─▶ Authorize ─▶ Send ─▶ Answer
       ▲                                │
       └── (Refused) ◀── (Wait) ◀── verdict of `retry.TABLE`: try again
"""

from collections.abc import Generator
from typing import Any, NamedTuple

from tieline.calls import endings
from tieline.calls.backoff import backoff
from tieline.calls.operation import Answer
from tieline.calls.order import Order
from tieline.calls.retry import TABLE, Attempt, Seen, Verdict, classify
from tieline.errors import Error

# Platforms round Retry-After to whole seconds; those who wait for the same moment arrive spread.
SPREAD_SECONDS = 0.25
SHORTEST_TOLD_WAIT_SECONDS = 1.0


class Reserve(NamedTuple):
    """Effect: take a place under the rate limit. Reply: seconds to wait for it.

    A reply longer than `within` means that no place was taken.
    """

    within: float


class Wait(NamedTuple):
    """Effect: let time pass. Reply: monotonic time after it."""

    seconds: float


class Authorize(NamedTuple):
    """Effect: have a valid token at hand; `refresh` where the last one was refused. Reply: time."""

    refresh: bool
    within: float


class Send(NamedTuple):
    """Effect: write the request once and read its answer. Reply: an `Attempt`."""

    timeout: float


class Refused(NamedTuple):
    """Effect: tell the limiter about a 429. Reply: monotonic time."""

    retry_after: float | None
    body: object


Effect = Reserve | Wait | Authorize | Send | Refused

# What is sent back depends on the effect, which a Generator's type cannot say.
Call = Generator[Effect, Any, Answer]


# After these the request may have been carried out although we hold no answer.
_LOSING = frozenset({Seen.NO_ANSWER, Seen.GATEWAY, Seen.UNREADABLE, Seen.OVERSIZED})
_FAILURES = frozenset({Seen.NOT_WRITTEN, Seen.NO_ANSWER, Seen.GATEWAY})


def attempts(order: Order) -> Call:
    """Drive one call to its end.

    Raises:
        ApiError: the platform answered no; one of its subclasses where the status has one.
        RateLimited: the limit holds longer than the deadline.
        OutcomeUnknown: it may have been carried out, and must not be sent again unasked.
        NetworkError, DeadlineExceeded, CircuitOpen: it was certainly not carried out.
    """
    order.budget.earn()
    now, failures, limited = order.started, 0, 0
    refresh = refreshed = False
    while True:
        try:
            now = yield from _admitted(order, now, refresh=refresh)
        except Error as error:
            raise endings.not_tried_again(order, error) from error.__cause__
        refresh = False
        attempt: Attempt = yield Send(order.deadline.remaining(now))
        now = attempt.at
        seen = classify(attempt)
        _note(order, attempt, seen)
        verdict = _verdict(order, seen)
        if verdict is Verdict.SETTLED and not attempt.is_error:
            return endings.answer(order, attempt)
        if verdict is Verdict.RETRY:
            failures += 1
            now = yield Wait(_delay(order, attempt, seen, failures))
        elif verdict is Verdict.WAIT:
            limited += 1
            yield Refused(attempt.retry_after, attempt.body)
            now = yield Wait(_told_wait(order, attempt, limited))
        elif verdict is Verdict.REFRESH and not refreshed:
            refresh = refreshed = True
        else:
            raise endings.final(order, attempt, seen, verdict)


def _admitted(order: Order, now: float, *, refresh: bool) -> Generator[Effect, Any, float]:
    # limiter → token → breaker, each within what is left of the deadline
    wait: float = yield Reserve(order.deadline.remaining(now))
    if wait > 0.0:
        if not order.deadline.allows(wait, now=now):
            raise endings.limited(order, None, wait, now)
        now = yield Wait(wait)
    now = yield Authorize(refresh, order.deadline.remaining(now))
    if now >= order.deadline.at:
        raise endings.out_of_time(order, None, now)
    closed_for = order.breaker.refuses(now)
    if closed_for is not None:
        raise endings.circuit_open(order, closed_for)
    return now


def _note(order: Order, attempt: Attempt, seen: Seen) -> None:
    progress = order.progress
    if attempt.written:
        progress.attempts += 1
    if seen in _LOSING:
        progress.uncertain = progress.uncertain or order.request.operation.mutating
    elif seen is Seen.ANSWERED and not attempt.is_error:
        progress.uncertain = False
    if seen in _FAILURES:
        if not attempt.cut_off:  # our own deadline says nothing about the place
            order.breaker.failed(attempt.at)
    else:
        order.breaker.succeeded(attempt.at)


def _verdict(order: Order, seen: Seen) -> Verdict:
    row = TABLE[seen]
    return row.idempotent if order.request.operation.idempotent else row.once_only


def _delay(order: Order, attempt: Attempt, seen: Seen, failures: int) -> float:
    if failures > order.retries:
        raise endings.given_up(order, attempt, seen)
    delay = backoff(failures, order.chance())
    if attempt.retry_after is not None:
        delay += attempt.retry_after
    if attempt.cut_off or not order.deadline.allows(delay, now=attempt.at):
        raise endings.out_of_time(order, attempt, attempt.at)
    if not order.budget.spend(attempt.at):
        raise endings.given_up(order, attempt, seen)
    return delay


def _told_wait(order: Order, attempt: Attempt, limited: int) -> float:
    told = attempt.retry_after
    if told is None or told < SHORTEST_TOLD_WAIT_SECONDS:
        # "Now" is no answer to "when": without a wait this would be a hot loop.
        wait = (told or 0.0) + SHORTEST_TOLD_WAIT_SECONDS / 2 + backoff(limited, order.chance())
    else:
        wait = told + SPREAD_SECONDS * order.chance()
    if not order.deadline.allows(wait, now=attempt.at):
        raise endings.limited(order, attempt, wait if told is None else told, attempt.at)
    return wait
