"""The platform's template tools: `$esc $encoding $urlTool $math $successTemplateUtils`.

Names and meanings from the platform's pages on data-action templates; the macros marked "assumed"
in docs/reference/velocity.md have an undocumented form.
"""

import base64
import html
import math
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import orjson

from tieline.contracts.velocity.values import to_text

Tool = Callable[..., Any]


class Tools:
    """A named set of functions; `$esc.q` reads a constant, `$esc.url(x)` calls a function."""

    __slots__ = ("constants", "functions", "name")

    def __init__(
        self, name: str, functions: Mapping[str, Tool], constants: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.functions = functions
        self.constants = constants or {}


def _json_encode(value: Any) -> str:
    return orjson.dumps(to_text(value)).decode()[1:-1]


def _json_decode(value: Any) -> str:
    return str(orjson.loads(f'"{to_text(value)}"'))


def _java_escape(value: Any) -> str:
    encoded = _json_encode(value)
    return "".join(c if ord(c) < 0x80 else f"\\u{ord(c):04X}" for c in encoded)  # noqa: PLR2004  # ASCII


def _optional_query_parameter(name: Any, value: Any) -> str:
    text = "" if value is None else to_text(value)
    return f"{quote_plus(to_text(name))}={quote_plus(text)}" if text else ""


def _first_from_array(items: Any, default: Any = "") -> str:
    parsed = orjson.loads(items) if isinstance(items, str) and items.strip() else items
    return orjson.dumps(parsed[0]).decode() if parsed else to_text(default)


def _move_keys_into_objects(entries: Any, key: Any = "key") -> str:
    """Turn `{"a": {…}}` into `[{"key": "a", …}]`."""
    parsed = orjson.loads(entries) if isinstance(entries, str) else entries
    moved = [{to_text(key): name, **fields} for name, fields in parsed.items()]
    return orjson.dumps(moved).decode()


def _exact(value: float) -> float | int:
    return int(value) if float(value).is_integer() else value


def _number(value: Any) -> float | int:
    return value if isinstance(value, int | float) else _exact(float(to_text(value)))


ESC = Tools(
    "esc",
    {
        "jsonEncode": _json_encode,
        "jsonString": _json_encode,
        "jsonDecode": _json_decode,
        "url": lambda v: quote_plus(to_text(v)),
        "urlFormEncode": lambda v: quote_plus(to_text(v)),
        "uriEncode": lambda v: quote(to_text(v), safe=""),
        "html": lambda v: html.escape(to_text(v)),
        "xml": lambda v: escape(to_text(v), {'"': "&quot;", "'": "&apos;"}),
        "java": _java_escape,
        "javascript": lambda v: _java_escape(v).replace("'", "\\'").replace("/", "\\/"),
        "sql": lambda v: to_text(v).replace("'", "''"),
    },
    {"d": "$", "h": "#", "b": "\\", "q": '"', "s": "'", "n": "\n"},
)
ENCODING = Tools("encoding", {"base64": lambda v: base64.b64encode(to_text(v).encode()).decode()})
URL = Tools("urlTool", {"optionalQueryParam": _optional_query_parameter})
SUCCESS = Tools(
    "successTemplateUtils",
    {
        "firstFromArray": _first_from_array,
        "moveKeysIntoArrayOfObjects": _move_keys_into_objects,
    },
)
MATH = Tools(
    "math",
    {
        "add": lambda a, b: _number(a) + _number(b),
        "sub": lambda a, b: _number(a) - _number(b),
        "mul": lambda a, b: _number(a) * _number(b),
        "div": lambda a, b: _exact(_number(a) / _number(b)),
        "idiv": lambda a, b: int(_number(a) / _number(b)),
        "mod": lambda a, b: _number(a) % _number(b),
        "max": lambda a, b: max(_number(a), _number(b)),
        "min": lambda a, b: min(_number(a), _number(b)),
        "abs": lambda a: abs(_number(a)),
        "ceil": lambda a: math.ceil(_number(a)),
        "floor": lambda a: math.floor(_number(a)),
        "round": lambda a: math.floor(_number(a) + 0.5),
        "toInteger": lambda a: int(_number(a)),
        "toDouble": lambda a: float(_number(a)),
    },
)
PLATFORM_TOOLS: Mapping[str, Tools] = {
    tools.name: tools for tools in (ESC, ENCODING, URL, SUCCESS, MATH)
}
