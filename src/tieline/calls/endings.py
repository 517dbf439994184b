"""The ways a call ends: its answer, or the error that says what is known and what to do next."""

from tieline.calls.operation import Answer
from tieline.calls.order import Order
from tieline.calls.refusals import message_of, refusal, thing_of
from tieline.calls.retry import Attempt, Seen, Verdict
from tieline.clock import rfc3339
from tieline.errors import (
    BadAnswer,
    CircuitOpen,
    DeadlineExceeded,
    Error,
    MaxRetriesExceeded,
    NetworkError,
    OutcomeUnknown,
    RateLimited,
)

_GATEWAY_ERRORS = 500
_EARLIER = "an earlier attempt of this call got no answer and may have been carried out"
_CORRELATION_HEADERS = ("inin-correlation-id", "request-id")


def answer(order: Order, attempt: Attempt) -> Answer:
    """The platform did what it was asked."""
    return Answer(
        status=attempt.status or 0,
        body=attempt.body,
        headers=attempt.headers,
        correlation_id=correlation_of(order, attempt),
        attempts=order.progress.attempts,
        elapsed_s=attempt.at - order.started,
    )


def correlation_of(order: Order, attempt: Attempt | None) -> str | None:
    """The platform's id for the call where it gave one, else the one we sent."""
    if attempt is not None:
        for name in _CORRELATION_HEADERS:
            if name in attempt.headers:
                order.progress.correlation_id = attempt.headers[name]
                return attempt.headers[name]
    return order.progress.correlation_id


def final(order: Order, attempt: Attempt, seen: Seen, verdict: Verdict) -> Error:
    """The answer stands, or nothing better will come."""
    if verdict is Verdict.UNCERTAIN:
        return unknown(order, attempt)
    if verdict is Verdict.BROKEN:
        return unknown(order, attempt) if order.progress.uncertain else _bad(order, attempt, seen)
    error = refusal(
        order.request,
        attempt,
        attempts=order.progress.attempts,
        correlation_id=correlation_of(order, attempt),
    )
    if order.progress.uncertain:
        # A 404 to a repeated DELETE, a 409 to a repeated PUT: our own first attempt did it.
        error.hint = f"{_EARLIER}; {error.hint}" if error.hint else _EARLIER
    return error


def unknown(order: Order, attempt: Attempt | None) -> OutcomeUnknown:
    """It may have been carried out."""
    correlation_id = correlation_of(order, attempt)
    look = (
        f"look for correlation id {correlation_id} on the platform"
        if correlation_id
        else ("look on the platform whether it was carried out")
    )
    done = attempt is not None and attempt.status is not None and attempt.status < _GATEWAY_ERRORS
    known = "it was carried out, but its result is lost" if done else "it may have been carried out"
    return OutcomeUnknown(
        f"{thing_of(order.request)}: {_what_happened(attempt)}; {known}",
        hint=f"{look} before sending it again",
        correlation_id=correlation_id,
        attempts=order.progress.attempts,
    )


def not_tried_again(order: Order, error: Error) -> Error:
    """Limiter, token or breaker stopped the next attempt; what came before decides."""
    if order.progress.uncertain and not isinstance(error, OutcomeUnknown):
        return unknown(order, None)
    return error


def given_up(order: Order, attempt: Attempt, seen: Seen) -> Error:
    """Retries or their budget are used up."""
    if order.progress.uncertain:
        return unknown(order, attempt)
    if seen is Seen.UNREADABLE:
        return _bad(order, attempt, seen)
    if order.retries == 0 and attempt.status is not None:
        return final(order, attempt, seen, Verdict.SETTLED)
    happened, attempts = _what_happened(attempt), order.progress.attempts
    kind: type[NetworkError] = NetworkError
    if order.retries > 0:
        kind = MaxRetriesExceeded
        happened = f"no usable answer, requests written: {attempts}; the last attempt: {happened}"
    hint = "check the network, the region and the proxy settings: `tieline doctor`"
    if attempt.status is not None:
        hint = "the platform is reached but does not serve this now: try again later"
    return kind(
        f"{thing_of(order.request)}: {happened}",
        hint=hint,
        correlation_id=correlation_of(order, attempt),
        attempts=attempts,
    )


def out_of_time(order: Order, attempt: Attempt | None, now: float) -> Error:
    """The deadline came, or would come before the next attempt."""
    if attempt is not None and order.progress.uncertain:
        return unknown(order, attempt)
    last = f"; the last attempt: {_what_happened(attempt)}" if attempt is not None else ""
    back = attempt.retry_after if attempt is not None else None
    when = f"; the platform asks to come back after {_when(order, now, back)}" if back else ""
    allowed = order.deadline.at - order.started
    return DeadlineExceeded(
        f"{thing_of(order.request)}: the deadline of {allowed:.3g} s leaves no time{last}{when}",
        hint="allow more time: --timeout, or timeout= in Python",
        correlation_id=correlation_of(order, attempt),
        attempts=order.progress.attempts,
    )


def limited(order: Order, attempt: Attempt | None, wait: float, now: float) -> Error:
    """The rate limit outlasts the deadline."""
    if attempt is not None and order.progress.uncertain:
        return unknown(order, attempt)
    until = _when(order, now, wait)
    return RateLimited(
        f"{thing_of(order.request)}: the rate limit holds until {until} ({wait:.0f} s), "
        "longer than the deadline",
        status=429,
        body=None if attempt is None else attempt.body,
        hint=f"try again after {until}, or allow more time: --timeout, or timeout= in Python",
        correlation_id=correlation_of(order, attempt),
        attempts=order.progress.attempts,
    )


def circuit_open(order: Order, closed_for: float) -> CircuitOpen:
    """Recent calls to the place failed."""
    return CircuitOpen(
        f"{thing_of(order.request)}: not tried, recent calls to the platform failed",
        hint=f"the next try is allowed in {closed_for:.1f} s; `tieline doctor` checks the network",
        correlation_id=correlation_of(order, None),
        attempts=order.progress.attempts,
    )


def _bad(order: Order, attempt: Attempt, seen: Seen) -> BadAnswer:
    if seen is Seen.REDIRECTED:
        to = attempt.headers.get("location", "nowhere")[:200]
        fault = f"answered {attempt.status} to {to}; redirects are not followed with credentials"
        hint = "check the region and base_url"
    elif seen is Seen.OVERSIZED:
        fault = _what_happened(attempt)
        hint = "ask for less: a smaller page, a shorter interval"
    else:
        fault = _what_happened(attempt)
        hint = "check that base_url is the platform's API and no proxy answers in its stead"
    return BadAnswer(
        f"{thing_of(order.request)}: {fault}",
        hint=hint,
        correlation_id=correlation_of(order, attempt),
        attempts=order.progress.attempts,
    )


def _what_happened(attempt: Attempt | None) -> str:
    if attempt is None:
        return "an earlier attempt got no answer"
    if attempt.status is not None:
        said = message_of(attempt.body)
        tail = f": {attempt.fault}" if attempt.fault else (f": {said}" if said else "")
        return f"answered {attempt.status}{tail}"
    return attempt.fault or ("no answer" if attempt.written else "not sent")


def _when(order: Order, now: float, wait: float) -> str:
    return rfc3339(order.wall + (now - order.started) + wait)
