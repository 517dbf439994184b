"""Why was it retried? What one attempt taught us, and what follows from it.

The one question is whether the platform may have carried the request out:

- never written: certainly not;
- refused with 401 or 429, or with 503 and a time to come back: the platform says not;
- written and no answer, an answer that broke off, or one that a gateway gave in the platform's
  stead (502, 503 without a time, 504): nobody knows. Such a request is repeated only where
  carrying it out twice is the same as once; else its outcome is unknown, and stays so;
- anything else was answered: the answer stands.
"""

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple


class Seen(Enum):
    """What is known after one attempt."""

    NOT_WRITTEN = "not written"
    NO_ANSWER = "written, no answer"
    UNREADABLE = "2xx whose body broke off or is no JSON, or 303: done, the answer is elsewhere"
    OVERSIZED = "2xx, and its body is larger than allowed"
    REDIRECTED = "any other 3xx"
    UNAUTHORIZED = "401"
    LIMITED = "429"
    BUSY = "503 with Retry-After"
    GATEWAY = "502, 504, or 503 without Retry-After"
    ANSWERED = "any other answer"

    @property
    def word(self) -> str:
        """Its name as metrics show it: `no_answer`."""
        return self.name.lower()


class Verdict(Enum):
    """What follows from it."""

    SETTLED = "the answer stands"
    RETRY = "try again"
    WAIT = "wait as told, then try again"
    REFRESH = "a fresh token, once, then try again"
    UNCERTAIN = "outcome unknown, never sent again"
    BROKEN = "no usable answer, and trying again would not help"


class Row(NamedTuple):
    """One line of the truth table."""

    idempotent: Verdict
    once_only: Verdict


# A redirect is never followed: it would carry the token to wherever it points.
TABLE: Mapping[Seen, Row] = {
    #                       idempotent         once only
    Seen.NOT_WRITTEN: Row(Verdict.RETRY, Verdict.RETRY),
    Seen.LIMITED: Row(Verdict.WAIT, Verdict.WAIT),
    Seen.BUSY: Row(Verdict.RETRY, Verdict.RETRY),
    Seen.UNAUTHORIZED: Row(Verdict.REFRESH, Verdict.REFRESH),
    Seen.NO_ANSWER: Row(Verdict.RETRY, Verdict.UNCERTAIN),
    Seen.GATEWAY: Row(Verdict.RETRY, Verdict.UNCERTAIN),
    Seen.UNREADABLE: Row(Verdict.RETRY, Verdict.UNCERTAIN),
    Seen.OVERSIZED: Row(Verdict.BROKEN, Verdict.UNCERTAIN),
    Seen.REDIRECTED: Row(Verdict.BROKEN, Verdict.BROKEN),
    Seen.ANSWERED: Row(Verdict.SETTLED, Verdict.SETTLED),
}


class Attempt(NamedTuple):
    """One attempt as its shell reports it.

    `status` is None where no status line arrived. `fault` names what went wrong on the way, an
    answer's unreadable body included; None where the answer is whole. `body` is parsed JSON.
    """

    at: float  # monotonic seconds
    written: bool  # False: certainly nothing left this process
    status: int | None = None
    headers: Mapping[str, str] = {}  # names in lower case
    body: object = None
    retry_after: float | None = None  # seconds, already read; 429 and 503 only
    fault: str | None = None
    oversized: bool = False
    cut_off: bool = False  # our own deadline ended it, not the other side

    @property
    def is_error(self) -> bool:
        """True for an answer that says no, or that somebody else gave in the platform's stead."""
        return self.status is not None and self.status >= 400  # noqa: PLR2004  # errors start here


_ANSWERS: Mapping[int, Seen] = {
    401: Seen.UNAUTHORIZED,
    429: Seen.LIMITED,
    502: Seen.GATEWAY,
    503: Seen.GATEWAY,
    504: Seen.GATEWAY,
}


def classify(attempt: Attempt) -> Seen:
    """Reduce an attempt to its line of the table."""
    status = attempt.status
    if status is None:
        return Seen.NO_ANSWER if attempt.written else Seen.NOT_WRITTEN
    if status < 300:  # noqa: PLR2004  # the border of 2xx
        if attempt.oversized:
            return Seen.OVERSIZED
        return Seen.ANSWERED if attempt.fault is None else Seen.UNREADABLE
    if status == 303:  # noqa: PLR2004  # See Other
        return Seen.UNREADABLE
    if status < 400:  # noqa: PLR2004  # the border of 3xx
        return Seen.REDIRECTED
    if status == 503 and attempt.retry_after is not None:  # noqa: PLR2004  # Service Unavailable
        return Seen.BUSY
    return _ANSWERS.get(status, Seen.ANSWERED)


def judge(attempt: Attempt, *, idempotent: bool) -> Verdict:
    """Look one attempt up in the table."""
    row = TABLE[classify(attempt)]
    return row.idempotent if idempotent else row.once_only
