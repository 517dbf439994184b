"""JSON in and out of a call: strict where we write, careful where we read."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from tieline.errors import InvalidInput
from tieline.types import Json

# What is kept of an answer that is no JSON: enough to recognise whose error page it is.
RAW_BYTES = 4096

_MANY_DIGITS = re.compile(rb"[0-9]{19}")

_DUMP_OPTIONS = (
    orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)
_SMALLEST_INT, _LARGEST_INT = -(2**63), 2**64 - 1


class Unreadable(ValueError):
    """An answer's body is not what its content type says; the message names the fault."""


def encode(body: Json) -> bytes:
    """Write a request body as UTF-8 JSON.

    Raises:
        InvalidInput: it is no JSON value: NaN or infinity, a key that is no string, a lone
            surrogate, an object of Python's own, or nested too deeply. Never quotes the value.
    """
    try:
        written = orjson.dumps(body, option=_DUMP_OPTIONS)
    except TypeError as exc:
        return _encode_large_integers(body, exc)
    # orjson writes NaN as null. Only a body with a null in it has to be searched for one.
    if b"null" in written and any(_not_finite(body)):
        raise InvalidInput("the request body holds NaN or infinity, which JSON cannot write")
    return written


def decode(body: bytes, content_type: str) -> Json:
    """Read an answer's body; empty is None, plain text is `{"raw": …}`.

    Raises:
        Unreadable: no JSON, not UTF-8, or a content type that is neither JSON nor plain text.
    """
    if not body:
        return None
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "text/plain":
        return raw(body)
    if kind and kind != "application/json" and not kind.endswith("+json"):
        raise Unreadable(f"content type {kind[:64]!r} instead of application/json")
    try:
        return _parse(body)
    except orjson.JSONDecodeError as exc:
        raise Unreadable(f"no JSON: {exc.msg} at byte {exc.pos} of {len(body)}") from exc
    except (ValueError, RecursionError) as exc:
        raise Unreadable("no JSON, or nested too deeply") from exc


def decode_error(body: bytes) -> Json:
    """Read the body of an error answer whatever its content type; no JSON is `{"raw": …}`."""
    if not body:
        return None
    try:
        return _parse(body)
    except (ValueError, RecursionError):
        return raw(body)


def raw(body: bytes) -> Json:
    """Keep the first 4 KiB of a body that is no JSON, readable."""
    return {"raw": body[:RAW_BYTES].decode("utf-8", "replace")}


def _encode_large_integers(body: Json, reason: TypeError) -> bytes:
    # orjson stops at 64 bits; JSON does not.
    if not any(_large(body)):
        raise InvalidInput(f"the request body is no JSON value: {reason}") from reason
    try:
        return json.dumps(body, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as exc:
        raise InvalidInput(f"the request body is no JSON value: {type(exc).__name__}") from exc


def _parse(body: bytes) -> Json:
    parsed = orjson.loads(body)
    if _MANY_DIGITS.search(body) is None:
        return parsed
    # orjson reads an integer of more than 64 bits as a float, which changes it.
    return json.loads(body)


def _not_finite(value: Json) -> Iterator[bool]:
    return (isinstance(leaf, float) and not math.isfinite(leaf) for leaf in _leaves(value))


def _large(value: Json) -> Iterator[bool]:
    return (
        isinstance(leaf, int) and not _SMALLEST_INT <= leaf <= _LARGEST_INT
        for leaf in _leaves(value)
    )


def _leaves(value: Json) -> Iterator[Any]:
    # A stack of our own: nesting and cycles cannot exhaust Python's. Cycles end by the cap.
    waiting = [value]
    for _ in range(1_000_000):
        if not waiting:
            return
        current = waiting.pop()
        if isinstance(current, Mapping):
            waiting.extend(current.values())
        elif isinstance(current, list | tuple):
            waiting.extend(current)
        else:
            yield current
