"""What `function.yaml` says about a function: its name, its settings, its contract."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tieline.contracts.restrictions import require_allowed
from tieline.errors import InvalidInput
from tieline.types import Json, JsonObject

LONGEST_DESCRIPTION = 255
SLOWEST_SECONDS = 15
DEFAULT_RUNTIME = "nodejs22.x"
DEFAULT_INTEGRATION = "Tieline functions"
_SCHEMA = "http://json-schema.org/draft-04/schema#"
_FIELDS = ("name", "description", "handler", "runtime", "timeout", "integration", "category",
           "input", "output", "headers", "exclude")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionDefinition:
    """One function. `handler` is None where it is looked for in the package.

    `headers` are Velocity texts by name; the function finds them in `context.clientContext`.
    `timeout_s` is whole seconds, 1 to 15.
    """

    name: str
    input_schema: JsonObject
    output_schema: JsonObject
    description: str
    handler: str | None = None
    runtime: str = DEFAULT_RUNTIME
    timeout_s: int = SLOWEST_SECONDS
    integration: str = DEFAULT_INTEGRATION
    category: str = DEFAULT_INTEGRATION
    headers: Mapping[str, str] | None = None
    exclude: tuple[str, ...] = ()


def read_definition(document: Json, *, what: str) -> FunctionDefinition:
    """Read a definition document; `what` names its file in errors.

    Raises:
        InvalidInput: a field is missing, unknown or of a wrong kind, or the contract is one that
            the platform does not take; names the field.
    """
    if not isinstance(document, Mapping):
        raise InvalidInput(f"{what}: an object with `name`, `input` and `output` was expected")
    unknown = sorted(str(name) for name in document if name not in _FIELDS)
    if unknown:
        raise InvalidInput(
            f"{what}: there is no field {', '.join(unknown)}",
            hint=f"fields are {', '.join(_FIELDS)}",
        )
    name = _text(document, "name", what)
    integration = _text(document, "integration", what, DEFAULT_INTEGRATION)
    definition = FunctionDefinition(
        name=name,
        description=_text(document, "description", what, name),
        handler=_text(document, "handler", what, "") or None,
        runtime=_text(document, "runtime", what, DEFAULT_RUNTIME),
        timeout_s=_seconds(document.get("timeout", SLOWEST_SECONDS), what),
        integration=integration,
        category=_text(document, "category", what, integration),
        input_schema=_schema(document, "input", what),
        output_schema=_schema(document, "output", what),
        headers=_headers(document.get("headers"), what),
        exclude=_patterns(document.get("exclude"), what),
    )
    if len(definition.description) > LONGEST_DESCRIPTION:
        raise InvalidInput(f"{what}: description: at most {LONGEST_DESCRIPTION} characters")
    require_allowed(definition.input_schema, definition.output_schema)
    return definition


def _text(document: JsonObject, field: str, what: str, default: str | None = None) -> str:
    value = document.get(field, default)
    if not isinstance(value, str) or (default is None and not value):
        raise InvalidInput(f"{what}: {field}: a text was expected", details=[{"loc": [field]}])
    return value


def _seconds(value: Json, what: str) -> int:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or not 1 <= value <= SLOWEST_SECONDS:
        raise InvalidInput(
            f"{what}: timeout: whole seconds from 1 to {SLOWEST_SECONDS} were expected",
            details=[{"loc": ["timeout"]}],
        )
    return int(value)


def _schema(document: JsonObject, field: str, what: str) -> JsonObject:
    schema = document.get(field)
    if not isinstance(schema, Mapping):
        raise InvalidInput(
            f"{what}: {field}: a JSON Schema was expected", details=[{"loc": [field]}]
        )
    return {"$schema": _SCHEMA, **schema}


def _headers(value: Json, what: str) -> Mapping[str, str]:
    given: Any = value or {}
    if not isinstance(given, Mapping) or not all(isinstance(v, str) for v in given.values()):
        raise InvalidInput(f"{what}: headers: texts by name were expected")
    return dict(given)


def _patterns(value: Json, what: str) -> tuple[str, ...]:
    given: Any = value or []
    if not isinstance(given, list) or not all(isinstance(each, str) and each for each in given):
        raise InvalidInput(f"{what}: exclude: a list of patterns was expected")
    return tuple(given)
