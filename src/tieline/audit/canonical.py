"""Canonical JSON (RFC 8785): equal values give equal bytes, whoever writes them.

Used only where two writers must agree, such as the fingerprint of an input. The log itself hashes
bytes as they were written and needs no canonical form.

Two cases the RFC leaves outside I-JSON are given one spelling here instead of an error, because an
input that cannot be fingerprinted could not be invoked: integers beyond 2**53 keep all their
digits, and a lone surrogate is written as its escape, as `JSON.stringify` does.
"""

import json
import math
from typing import Any

import orjson

from tieline.errors import InvalidInput
from tieline.types import Json

# Above it orjson and ECMAScript may differ; below it both write plain digits.
_EXACT = 2**53

# ECMAScript, Number::toString: plain digits up to 21 places, six zeros after the point at most.
_MOST_PLACES = 21
_MOST_ZEROS = 6


def canonical_json(value: Json) -> bytes:
    """Write the one UTF-8 spelling of a JSON value; tuples count as arrays.

    Raises:
        InvalidInput: a value JSON cannot hold, such as NaN, a set, or a key that is no string.
    """
    if _is_plain(value):
        try:
            return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        except TypeError:
            pass  # a lone surrogate, or deeper than orjson goes
    parts: list[str] = []
    _write(value, parts)
    return "".join(parts).encode()


def _is_plain(value: Json) -> bool:
    """True where orjson's sorted output is canonical: no floats, ASCII keys, small integers."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is int:
        return bool(-_EXACT < value < _EXACT)
    if kind is dict:
        for key, item in value.items():
            if type(key) is not str or not key.isascii() or not _is_plain(item):
                return False
        return True
    if kind is list or kind is tuple:
        return all(map(_is_plain, value))
    return False


def _write(value: Json, parts: list[str]) -> None:
    match value:
        case None | bool():
            parts.append({None: "null", True: "true", False: "false"}[value])
        case str():
            parts.append(_string(value))
        case int():
            parts.append(int.__repr__(value))
        case float():
            parts.append(_number(value))
        case dict():
            _write_object(value, parts)
        case list() | tuple():
            parts.append("[")
            for place, item in enumerate(value):
                parts.append("," if place else "")
                _write(item, parts)
            parts.append("]")
        case _:
            raise InvalidInput(f"JSON cannot hold a {type(value).__name__}")


def _write_object(value: dict[Any, Any], parts: list[str]) -> None:
    for key in value:
        if not isinstance(key, str):
            raise InvalidInput(f"JSON cannot hold a key that is a {type(key).__name__}")
    parts.append("{")
    for place, key in enumerate(sorted(value, key=_utf16)):
        parts.append("," if place else "")
        parts.append(_string(key))
        parts.append(":")
        _write(value[key], parts)
    parts.append("}")


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def _string(text: str) -> str:
    written = json.dumps(text, ensure_ascii=False)
    if text.isascii():
        return written
    return "".join(f"\\u{ord(c):04x}" if "\ud800" <= c <= "\udfff" else c for c in written)


def _number(value: float) -> str:
    if not math.isfinite(value):
        raise InvalidInput(f"JSON cannot hold the number {value!r}")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    return sign + _places(digits.rstrip("0"), point)


def _places(digits: str, point: int) -> str:
    """Spell 0.digits x 10**point as ECMAScript does (Number::toString, steps 6 to 10)."""
    count = len(digits)
    if count <= point <= _MOST_PLACES:
        return digits + "0" * (point - count)
    if 0 < point <= _MOST_PLACES:
        return f"{digits[:point]}.{digits[point:]}"
    if -_MOST_ZEROS < point <= 0:
        return f"0.{'0' * -point}{digits}"
    power = f"e{point - 1:+d}"
    return f"{digits}{power}" if count == 1 else f"{digits[0]}.{digits[1:]}{power}"
