"""A record from JSON text, its numbers exact."""

import json
from decimal import Decimal
from typing import Any, NoReturn

from tieline.errors import InvalidInput


def read_record(data: bytes | str) -> dict[str, Any]:
    """Parse one JSON object; a number with a point or exponent becomes a Decimal.

    Raises:
        InvalidInput: not JSON, NaN or Infinity, a number of thousands of digits, or no object.
    """
    try:
        value = json.loads(data, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError) as exc:
        reason = "nested too deep" if isinstance(exc, RecursionError) else str(exc)
        raise InvalidInput(
            f"the record is not JSON: {reason}", hint='--record \'{"language": "en"}\''
        ) from exc
    if not isinstance(value, dict):
        raise InvalidInput("the record is not a JSON object")
    return value


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a JSON number")
