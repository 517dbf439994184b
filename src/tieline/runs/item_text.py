"""The JSON text of one item: strict, and fast where nothing is suspicious.

Reading strictly costs ten times what orjson costs, and a run may have ten million items. So orjson
reads, and whatever orjson is known to be lax about sends the text to the strict reader.
"""

import math
import re

import orjson

from tieline.contracts.strict_json import DEEPEST, parse_json
from tieline.errors import InvalidInput
from tieline.runs.item import NewItem, Reject
from tieline.types import Json

# What the platform takes as a request body at most (spec 2.4: 3 MB, assumed).
LARGEST_ITEM_BYTES = 3_000_000
LONGEST_REFERENCE = 200
_SHOWN = 4096

# A key that is not directly followed by its colon could hide from the count of keys below, and
# orjson turns an integer beyond 64 bits into a float.
_SUSPICIOUS = re.compile(rb'"\s+:|\d{17}|\\u[dD][89a-fA-F]')


def read_item(raw: bytes, *, line: int, reference_field: str | None) -> NewItem | Reject:
    """One JSON object from its text."""
    if len(raw) > LARGEST_ITEM_BYTES:
        return reject(line, f"larger than {LARGEST_ITEM_BYTES:,} bytes", raw)
    try:
        value = _parse(raw)
        if not isinstance(value, dict):
            return reject(line, "an item is a JSON object", raw)
        reference = reference_of(value, reference_field)
    except InvalidInput as refused:
        return reject(line, _without_place(refused), raw)
    return NewItem(line=line, text=raw.decode("utf-8").strip(), reference=reference)


def reference_of(value: dict[str, Json], reference_field: str | None) -> str | None:
    """The user's own id of an item; None where no field was named for it.

    Raises:
        InvalidInput: the field is missing, or holds something that cannot be an id.
    """
    if reference_field is None:
        return None
    found = value.get(reference_field)
    if isinstance(found, int) and not isinstance(found, bool):
        found = str(found)
    if not isinstance(found, str) or not 0 < len(found) <= LONGEST_REFERENCE or "\0" in found:
        raise InvalidInput(
            f"{reference_field}: a reference is a text of 1 to {LONGEST_REFERENCE} characters or "
            "an integer"
        )
    return found


def reject(line: int, message: str, raw: bytes) -> Reject:
    """Refuse a part of the source, keeping its beginning for whoever mends it."""
    return Reject(line=line, message=message, raw=raw[:_SHOWN].decode("utf-8", "backslashreplace"))


def _parse(raw: bytes) -> Json:
    if _SUSPICIOUS.search(raw) is None:
        try:
            value = orjson.loads(raw)
        except orjson.JSONDecodeError:
            return parse_json(raw, what="item")  # its message names the column
        if _keys(value) == raw.count(b'":'):
            return value
    return parse_json(raw, what="item")


def _keys(value: Json) -> int:
    # -1 where the strict reader has to look: too deep, or a number beyond a double.
    count, level = 0, [value]
    for _ in range(DEEPEST):
        below: list[Json] = []
        for node in level:
            if isinstance(node, dict):
                count += len(node)
                below.extend(node.values())
            elif isinstance(node, list):
                below.extend(node)
            elif isinstance(node, float) and not math.isfinite(node):
                return -1
        if not below:
            return count
        level = below
    return -1


def _without_place(refused: InvalidInput) -> str:
    column = refused.details[0].get("column") if refused.details else None
    message = refused.details[0]["message"] if refused.details else refused.message
    return f"column {column}: {message}" if column else str(message)
