"""When the platform says to come back: the Retry-After header, and what stands in for it."""

import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from tieline.types import Json

# Daily quotas answer hours. More than a week is a fault of the sender, yet still longer than any
# deadline: the call gives up and says until when, which a person can judge.
LONGEST_SECONDS = 7 * 86_400.0

# The platform's text: Rate limit exceeded the maximum, retry the request in [42] seconds.
_IN_MESSAGE = re.compile(r"(?<![-.\d])(\d{1,9})\b\]?\s*second", re.ASCII)


def retry_after(headers: Mapping[str, str], body: Json, *, wall: float) -> float | None:
    """Seconds to wait, from the header (RFC 9110, 10.2.3) or else from the message of a 429.

    `headers` have lower-case names; `wall` is our clock, used for the date form only where the
    answer has no Date of its own: the sender's two dates agree even where our clock is wrong.
    None where nothing usable was said: missing, negative, a fraction, neither number nor date.
    """
    header = headers.get("retry-after")
    if header is not None:
        seconds = _read(header.strip(), headers.get("date"), wall)
        if seconds is not None:
            return seconds
    return _from_message(body)


def _read(value: str, sent_at: str | None, wall: float) -> float | None:
    if value.isascii() and value.isdigit():
        # Read no further than the longest believed wait: int() of a long string is slow.
        return LONGEST_SECONDS if len(value) > 9 else min(float(value), LONGEST_SECONDS)  # noqa: PLR2004  # digits of LONGEST_SECONDS and more
    until = _moment(value)
    if until is None:
        return None
    now = _moment(sent_at) if sent_at else None
    return min(max(0.0, until - (wall if now is None else now)), LONGEST_SECONDS)


def _moment(date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    if moment.tzinfo is None:  # "-0000": RFC 5322 says UTC without a zone
        moment = moment.replace(tzinfo=UTC)
    try:
        return moment.timestamp()
    except (ValueError, OverflowError):
        return None


def _from_message(body: Json) -> float | None:
    if not isinstance(body, Mapping):
        return None
    message = body.get("message")
    found = _IN_MESSAGE.search(message[:512]) if isinstance(message, str) else None
    return min(float(found[1]), LONGEST_SECONDS) if found else None
