"""What a template may do with a value: print it, test it, and call Java's methods on it.

Java's names, because that is what people find in the platform's pages. A method that is not
listed here does not exist: a template can reach nothing else.
"""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
import re2

Method = Callable[..., Any]


def to_text(value: Any) -> str:
    """Print a value as a template does: text as it is, everything else as JSON."""
    if isinstance(value, str):
        return value
    return orjson.dumps(value).decode() if value is not None else "null"


def is_true(value: Any) -> bool:
    """Velocity 2's truth: null, false, zero, and what is empty are false."""
    return bool(value)


STRING: Mapping[str, Method] = {
    "length": len,
    "isEmpty": lambda text: not text,
    "toString": lambda text: text,
    "toUpperCase": str.upper,
    "toLowerCase": str.lower,
    "trim": str.strip,
    "concat": lambda text, more: text + to_text(more),
    "contains": lambda text, part: to_text(part) in text,
    "startsWith": lambda text, part: text.startswith(to_text(part)),
    "endsWith": lambda text, part: text.endswith(to_text(part)),
    "equals": lambda text, other: text == other,
    "equalsIgnoreCase": lambda text, other: text.lower() == to_text(other).lower(),
    "indexOf": lambda text, part: text.find(to_text(part)),
    "lastIndexOf": lambda text, part: text.rfind(to_text(part)),
    "charAt": lambda text, at: text[_index(at, len(text) - 1)],
    "substring": lambda text, first, last=None: _substring(text, first, last),
    "replace": lambda text, old, new: text.replace(to_text(old), to_text(new)),
    "replaceAll": lambda text, pattern, new: re2.sub(to_text(pattern), _java(new), text),
    "replaceFirst": lambda text, pattern, new: re2.sub(to_text(pattern), _java(new), text, 1),
    "matches": lambda text, pattern: re2.fullmatch(to_text(pattern), text) is not None,
    "split": lambda text, pattern: _split(text, to_text(pattern)),
}
LIST: Mapping[str, Method] = {
    "size": len,
    "isEmpty": lambda items: not items,
    "get": lambda items, at: items[_index(at, len(items) - 1)],
    "contains": lambda items, item: item in items,
}
MAP: Mapping[str, Method] = {
    "size": len,
    "isEmpty": lambda entries: not entries,
    "get": lambda entries, key: entries.get(to_text(key)),
    "containsKey": lambda entries, key: to_text(key) in entries,
    "keySet": list,
    "values": lambda entries: list(entries.values()),
    "entrySet": lambda entries: [{"key": k, "value": v} for k, v in entries.items()],
}
NUMBER: Mapping[str, Method] = {
    "toString": to_text,
    "intValue": int,
    "doubleValue": float,
    "equals": lambda number, other: number == other,
}


def methods_of(value: Any) -> Mapping[str, Method]:
    """List the methods this value has."""
    if isinstance(value, str):
        return STRING
    if isinstance(value, list):
        return LIST
    if isinstance(value, Mapping):
        return MAP
    return NUMBER


def _index(at: Any, last: int) -> int:
    position = int(at)
    if not 0 <= position <= last:
        raise IndexError(f"index {position} of {last + 1}")
    return position


def _substring(text: str, first: Any, last: Any) -> str:
    end = len(text) if last is None else _index(last, len(text))
    return text[_index(first, end) : end]


def _java(replacement: Any) -> str:
    r"""Turn Java's `$1` into RE2's `\1`; both sides keep a backslash as an escape."""
    return str(re2.sub(r"\$(\d)", r"\\\1", to_text(replacement)))


def _split(text: str, pattern: str) -> list[str]:
    parts = [str(part) for part in re2.split(pattern, text)]
    while len(parts) > 1 and not parts[-1]:  # Java drops trailing empty parts
        parts.pop()
    return parts
