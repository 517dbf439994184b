"""A record from JSON text, its numbers exact."""

import json
from typing import Any, NoReturn

from tieline.errors import InvalidInput
from tieline.rules.exact_number import number_from_json


def read_record(data: bytes | str) -> dict[str, Any]:
    """Parse one JSON object; numbers keep every digit, see `number_from_json`.

    Raises:
        InvalidInput: not JSON, NaN or Infinity, a name that stands twice, or no object.
    """
    try:
        value = _DECODER.decode(data if isinstance(data, str) else data.decode("utf-8-sig"))
    except UnicodeDecodeError as exc:
        raise InvalidInput("the record is not UTF-8", hint="save it as UTF-8") from exc
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


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):  # which of two values was meant is not guessed
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {json.dumps(twice)} stands twice in one object")
    return found


_DECODER = json.JSONDecoder(
    object_pairs_hook=_once_each,
    parse_float=number_from_json,
    parse_int=number_from_json,
    parse_constant=_refuse,
)
