"""A line of the log: the exact bytes that are written, hashed and shown to an auditor.

A line is JSON without its line feed. The log gives its first three members, in this order, so
that they are cheap to write and to find: `log` (the log's id), `seq` (from 0, without gaps) and
`time`. The rest is the record; members without a value are left out.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from tieline.audit.record import Record
from tieline.types import Json

# A line beyond it would not fit the memory of whoever searches and exports; its content is
# replaced by size and hash, so that the act itself is still on record.
LARGEST_BODY = 8 * 2**20

_CONTENT = ("masked_input", "result", "error", "extra")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a log adds to records that it takes together; `seq` is that of the first.

    `behind_ms`: how far the clock was behind the last record.
    """

    log: str
    seq: int
    time: str
    behind_ms: int = 0


def record_body(record: Record, *, code_version: str) -> bytes:
    """The record as a JSON object, without what the log gives.

    Lone surrogates become U+FFFD, numbers beyond 64 bits keep their digits, and content larger
    than `LARGEST_BODY` is replaced by its size and hash.
    """
    named = zip(Record._fields, record, strict=True)
    members = {name: value for name, value in named if value is not None}
    members["code_version"] = code_version
    body = _dump(members)
    if len(body) <= LARGEST_BODY:
        return body
    return _dump({name: _digest_of_large(name, value) for name, value in members.items()})


def stamped(bodies: Sequence[bytes], stamp: Stamp) -> list[bytes]:
    """The finished lines, each with its line feed."""
    behind = f'"clock_behind_ms":{stamp.behind_ms},' if stamp.behind_ms else ""
    head = f'{{"log":"{stamp.log}","seq":'.encode()
    tail = f',"time":"{stamp.time}",{behind}'.encode()
    return [
        b"%b%d%b%b\n" % (head, seq, tail, body[1:])
        for seq, body in enumerate(bodies, start=stamp.seq)
    ]


def parse_line(line: bytes) -> Mapping[str, Any] | None:
    """Read a line; None when it is no JSON object with a log, a sequence and a time."""
    members = _load(line)
    if not isinstance(members, dict):
        return None
    log, seq, time = members.get("log"), members.get("seq"), members.get("time")
    if isinstance(log, str) and type(seq) is int and isinstance(time, str):
        return members
    return None


def _load(line: bytes) -> Json:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(line)  # integers beyond 64 bits
    except ValueError:
        return None


def _dump(members: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(members)
    except TypeError:
        return json.dumps(_speakable(members), separators=(",", ":"), default=str).encode()


def _speakable(value: Json) -> Json:
    """A copy that any JSON reader accepts: no lone surrogate, no key that is no string."""
    match value:
        case str():
            return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        case Mapping():
            return {_speakable(str(key)): _speakable(item) for key, item in value.items()}
        case list() | tuple():
            return [_speakable(item) for item in value]
        case float() if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124  # NaN
            return None
    return value


def _digest_of_large(name: str, value: Json) -> Json:
    if name not in _CONTENT:
        return value
    content = _dump({"value": value})
    return {"omitted_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
