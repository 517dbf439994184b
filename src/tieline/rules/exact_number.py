"""Numbers as JSON writes them: decimal, exact, of any size. A boolean is never a number.

A whole number without point or exponent is an int, everything else a Decimal of the digits written.
A float, which only Python callers can pass, means its shortest decimal text, as JSON writes it.
"""

import math
import re
from collections.abc import Mapping
from decimal import Context, Decimal, InvalidOperation, Overflow

from tieline.types import Json

Number = int | Decimal

# A literal or record value of this many digits fills a screen; more is an attack on the parser.
MOST_DIGITS = 4_000

_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\Z")
_WHOLE = re.compile(r"-?[0-9]+\Z")
# Wide enough to hold MOST_DIGITS and any exponent a Decimal can have.
_EXACT = Context(prec=MOST_DIGITS + 100, Emax=10**17, Emin=-(10**17))
# Beyond this exponent 10**n would be built digit by digit; by value comparison never needs it.
_LARGEST_WHOLE_EXPONENT = MOST_DIGITS


def number_from_text(text: str) -> Number | None:
    """Read a JSON number exactly; None when it is none, or has more than MOST_DIGITS places."""
    if len(text) > MOST_DIGITS or not _JSON_NUMBER.match(text):
        return None
    if _WHOLE.match(text):
        return int(text)
    try:
        number = _EXACT.create_decimal(text)
    except (InvalidOperation, Overflow):  # an exponent beyond 10**17
        return None
    return number if abs(number.adjusted()) <= MOST_DIGITS else None


def number_from_json(text: str) -> Number:
    """A number of a JSON document, exact and of any number of digits; for `json`'s parse hooks.

    Raises:
        ValueError: its exponent is beyond what a Decimal can have.
    """
    if len(text) <= MOST_DIGITS and _WHOLE.match(text):
        return int(text)
    try:
        return Decimal(text)
    except InvalidOperation as exc:
        raise ValueError("a number has an exponent beyond all use") from exc


def exact(value: Json) -> Number | None:
    """The exact number a JSON value stands for; None for booleans, NaN, infinities and others."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return Decimal(repr(value)) if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    return None


def is_whole(number: Number) -> bool:
    """Whether it is an integer by value: 5, 5.0 and 1e400 are."""
    if isinstance(number, int):
        return True
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):  # NaN or infinity, which `exact` has kept out
        return False
    return exponent >= 0 or not any(number.as_tuple().digits[exponent:])


def narrowest(number: Number) -> Number:
    """The int of the same value where there is one of a sensible size, else the Decimal."""
    if isinstance(number, int) or not is_whole(number):
        return number
    return int(number) if number.adjusted() <= _LARGEST_WHOLE_EXPONENT else number


def number_text(number: Number) -> str:
    """JSON text of the number: the digits as written, an exponent as JSON would put it."""
    if isinstance(number, int):
        return str(number)
    text = str(number)
    if "E" not in text:
        return text
    as_float = float(number)
    if math.isfinite(as_float) and Decimal(repr(as_float)) == number:
        return repr(as_float)
    return text.replace("E", "e")


def plain_number(number: Number) -> Json:
    """An int or float for JSON writers; a string where no float holds the value exactly.

    The string is cast back to the same number wherever the field is a number.
    """
    if isinstance(number, int):
        return number
    as_float = float(number)
    if math.isfinite(as_float) and Decimal(repr(as_float)) == number:
        return as_float
    return number_text(number)


def plain_json(value: Json) -> Json:
    """The same value for any JSON writer: exact decimals become floats, see `plain_number`."""
    if isinstance(value, Mapping):
        return {key: plain_json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain_json(inner) for inner in value]
    return plain_number(value) if isinstance(value, Decimal) else value
