"""Date-times as instants: RFC 3339, any number of fraction digits, any offset.

A leap second (`:60`) counts as the first second of the next minute, as POSIX time does; it is
accepted only where one can stand, at 23:59 UTC.
"""

import re
from datetime import date
from decimal import ROUND_FLOOR, Context, Decimal

# Seconds since 1970-01-01T00:00:00Z, exact.
Instant = Decimal

_FORM = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]{1,1000})?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))\Z"
)
_EPOCH = date(1970, 1, 1).toordinal()
# The fraction has at most 1,000 digits, the whole seconds at most 12.
_EXACT = Context(prec=1_020)
_DAYS_OF_YEAR_ZERO = 366
_YEAR_0000, _YEAR_10000 = Decimal(-62_167_219_200), Decimal(253_402_300_800)
_FURTHEST_SECONDS = Decimal((23 * 60 + 59) * 60)


def instant_from_text(text: str) -> Instant | None:
    """The instant an RFC 3339 date-time names; None when the text is not one."""
    form = _FORM.match(text)
    if form is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in form.groups()[:6])
    fraction, sign, offset_hours, offset_minutes = form.groups()[6:]
    days = _days(year, month, day)
    offset = _offset_minutes(sign, offset_hours, offset_minutes)
    if days is None or offset is None or hour > 23 or minute > 59 or second > 60:  # noqa: PLR2004  # a clock's limits
        return None
    minutes = (days * 24 + hour) * 60 + minute - offset
    if second == 60 and minutes % 1440 != 1439:  # noqa: PLR2004  # a leap second ends a UTC day
        return None
    return _EXACT.add(Decimal(minutes * 60 + second), Decimal(fraction or 0))


def instant_text(instant: Instant) -> str:
    """RFC 3339 text of an instant, as short as it goes.

    In UTC where the year is one of 0000 to 9999 there; what lies up to a day beyond has a text only
    in the zone furthest away.
    """
    if instant < _YEAR_0000:
        return _utc_text(_EXACT.add(instant, _FURTHEST_SECONDS))[:-1] + "+23:59"
    if instant >= _YEAR_10000:
        return _utc_text(_EXACT.subtract(instant, _FURTHEST_SECONDS))[:-1] + "-23:59"
    return _utc_text(instant)


def _utc_text(instant: Instant) -> str:
    whole = int(instant.to_integral_value(ROUND_FLOOR))
    fraction = _EXACT.subtract(instant, Decimal(whole))
    days, seconds = divmod(whole, 86_400)
    ordinal = days + _EPOCH
    if ordinal >= 1:
        day = date.fromordinal(ordinal).isoformat()
    else:  # the year 0000 has the calendar of the year 4
        day = "0000" + date.fromordinal(ordinal + date(4, 12, 31).toordinal()).isoformat()[4:]
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    tail = format(fraction.normalize(_EXACT), "f")[1:] if fraction else ""
    return f"{day}T{clock}{tail}Z"


def _days(year: int, month: int, day: int) -> int | None:
    try:
        if year == 0:  # RFC 3339 has the year 0000, Python's calendar starts one later
            leap = date(4, month, day).toordinal() - date(4, 1, 1).toordinal()
            return leap + 1 - _DAYS_OF_YEAR_ZERO - _EPOCH
        return date(year, month, day).toordinal() - _EPOCH
    except ValueError:
        return None


def _offset_minutes(sign: str | None, hours: str | None, minutes: str | None) -> int | None:
    if sign is None or hours is None or minutes is None:
        return 0
    if int(hours) > 23 or int(minutes) > 59:  # noqa: PLR2004  # a clock's limits
        return None
    total = int(hours) * 60 + int(minutes)
    return -total if sign == "-" else total
