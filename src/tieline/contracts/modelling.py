"""From a registered contract to Python models, as `actions show ID --python` prints them."""

import json
import keyword
import re
from collections.abc import Iterator, Mapping
from typing import Any

PYTHON_TYPES = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
    "array": "list[Any]",
    "object": "dict[str, Any]",
}
CONSTRAINTS = {
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_length",
    "maxItems": "max_length",
    "pattern": "pattern",
    "multipleOf": "multiple_of",
}
# An optional list or object is empty when it is left out; other optional fields become None.
EMPTY = {"array": "default_factory=list", "object": "default_factory=dict"}
HEADER = '''"""Models of the registered contract of {name}."""

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
'''


def models_source(
    name: str, input_schema: Mapping[str, Any], output_schema: Mapping[str, Any]
) -> str:
    """Print a module with a model for the input and one for the output, and one a nested object.

    An output whose root is an array becomes a model of its items.
    """
    stem = class_name(name)
    classes: list[str] = []
    for suffix, schema in (("Request", input_schema), ("Reply", output_schema)):
        root = schema.get("items", {}) if schema.get("type") == "array" else schema
        _write_class(f"{stem}{suffix}", root, classes)
    return HEADER.format(name=name.replace('"', "'")) + "".join(f"\n\n{each}" for each in classes)


def class_name(name: str) -> str:
    """Turn any name into a Python class name: `custom_customer-lookup` → `CustomCustomerLookup`."""
    words = re.findall(r"[A-Za-z0-9]+", name)
    joined = "".join(word[0].upper() + word[1:] for word in words) or "Action"
    return f"Action{joined}" if joined[0].isdigit() else joined


def _write_class(name: str, schema: Mapping[str, Any], classes: list[str]) -> None:
    lines = [f"class {name}(BaseModel):"]
    if schema.get("description"):
        lines += [f"    {json.dumps(schema['description'])}", ""]
    if schema.get("additionalProperties") is False:
        lines += ['    model_config = ConfigDict(extra="forbid")', ""]
    required = set(schema.get("required", ()))
    taken: set[str] = set()
    fields = [
        _field(name, key, field, needed=key in required, taken=taken, classes=classes)
        for key, field in schema.get("properties", {}).items()
    ]
    lines += fields or ["    pass"]
    classes.append("\n".join(lines) + "\n")


def _field(
    owner: str,
    key: str,
    field: Mapping[str, Any],
    *,
    needed: bool,
    taken: set[str],
    classes: list[str],
) -> str:
    attribute = _identifier(key, taken)
    annotation = _annotation(f"{owner}{class_name(key)}", field, classes)
    defaulted = needed or "default" in field or str(field.get("type")) in EMPTY
    if not defaulted and "None" not in annotation.split(" | "):
        annotation += " | None"
    arguments = list(_arguments(key, attribute, field, needed=needed))
    return f"    {attribute}: {annotation}" + (
        f" = Field({', '.join(arguments)})" if arguments else ""
    )


def _annotation(nested_name: str, field: Mapping[str, Any], classes: list[str]) -> str:
    if "enum" in field:
        return f"Literal[{', '.join(repr(value) for value in field['enum'])}]"
    declared = field.get("type", "object" if "properties" in field else None)
    kinds = [declared] if isinstance(declared, str) else list(declared or ())
    if not kinds:
        return "Any"
    return " | ".join(_python_type(kind, nested_name, field, classes) for kind in kinds)


def _python_type(kind: str, nested_name: str, field: Mapping[str, Any], classes: list[str]) -> str:
    if kind == "string" and field.get("format") == "date-time":
        return "AwareDatetime"
    if kind == "object" and field.get("properties"):
        _write_class(nested_name, field, classes)
        return nested_name
    if kind == "array" and isinstance(field.get("items"), Mapping):
        return f"list[{_annotation(f'{nested_name}Item', field['items'], classes)}]"
    return PYTHON_TYPES.get(kind, "Any")


def _arguments(
    key: str, attribute: str, field: Mapping[str, Any], *, needed: bool
) -> Iterator[str]:
    if "default" in field:
        yield f"default={field['default']!r}"
    elif not needed:
        yield EMPTY.get(str(field.get("type")), "default=None")
    if attribute != key:
        yield f"alias={key!r}"
    for keyword_name, argument in CONSTRAINTS.items():
        if keyword_name in field:
            yield f"{argument}={field[keyword_name]!r}"
    for limit, inclusive, exclusive in (("minimum", "ge", "gt"), ("maximum", "le", "lt")):
        if limit in field:
            strict = field.get(f"exclusive{limit.capitalize()}") is True
            yield f"{exclusive if strict else inclusive}={field[limit]!r}"
    if field.get("uniqueItems") is True:
        yield 'json_schema_extra={"uniqueItems": True}'
    if field.get("description"):
        yield f"description={field['description']!r}"


def _identifier(key: str, taken: set[str]) -> str:
    name = re.sub(r"\W", "_", key).lstrip("_") or "field"
    if name[0].isdigit() or keyword.iskeyword(name) or name.startswith("model_"):
        name = f"field_{name}"
    while name in taken:
        name += "_"
    taken.add(name)
    return name
