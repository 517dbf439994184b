"""Rates as people write them."""

import re

from tieline.errors import InvalidInput

_FORM = re.compile(r"(\d{1,9})\s*/\s*(s|sec|second|m|min|minute|h|hour)", re.ASCII)
_PER_MINUTE = {"s": 60.0, "m": 1.0, "h": 1 / 60}


def per_minute(text: str) -> int:
    """Read `300/min`, `5/s` or `18000/hour` as items a minute.

    Raises:
        InvalidInput: another form, or less than one item a minute.
    """
    match = _FORM.fullmatch(text.strip())
    rate = int(int(match[1]) * _PER_MINUTE[match[2][0]]) if match else 0
    if rate < 1:
        raise InvalidInput(
            f"rate: {text!r} is not a rate of at least one a minute",
            hint="write it as 300/min, 5/s or 18000/hour",
            details=[{"loc": ["rate"], "type": "rate", "message": "not a rate"}],
        )
    return rate
