"""Strict validation of a JSON value against a JSON Schema: no coercion, every violation at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from tieline.errors import InvalidInput
from tieline.types import Json

# A hostile payload must not make an error document larger than the payload itself.
MOST_VIOLATIONS = 100


@dataclass(frozen=True, slots=True)
class Violation:
    """One place where the value breaks the schema. Never carries the value itself."""

    loc: tuple[str | int, ...]
    type: str  # the JSON Schema keyword: `required`, `type`, `additionalProperties` …
    message: str

    def to_json(self) -> dict[str, Any]:
        """The form of an entry in an error's `details`."""
        return {"loc": list(self.loc), "type": self.type, "message": self.message}


class Schema:
    """A compiled JSON Schema; make it once and use it often, from any thread."""

    __slots__ = ("_validator", "document")

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Compile; Draft 4 by default because that is what the platform's contracts use.

        Raises:
            InvalidInput: the document is no valid schema, or refers outside itself.
        """
        self.document = dict(document)
        try:
            self._validator = _compile(self.document)
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as exc:
            reason = str(exc).splitlines()[0]
            raise InvalidInput(f"this is not a usable JSON Schema: {reason}") from exc

    def violations(self, value: Json) -> tuple[Violation, ...]:
        """List what is wrong with the value, in the schema's order; empty when it is valid."""
        if self._validator.is_valid(value):
            return ()
        return tuple(_first(_violations(self._validator, value), MOST_VIOLATIONS))

    def check(self, value: Json, *, what: str) -> None:
        """Refuse an invalid value.

        Raises:
            InvalidInput: with one detail a violation; `what` names the value in the message.
        """
        found = self.violations(value)
        if found:
            places = "; ".join(f"{_dotted(v.loc)}: {v.message}" for v in found[:3])
            more = f" (and {len(found) - 3} more)" if len(found) > 3 else ""  # noqa: PLR2004  # shown above
            raise InvalidInput(f"{what}: {places}{more}", details=[v.to_json() for v in found])


def _compile(document: dict[str, Any]) -> Any:
    # No retriever and masked messages: a schema must not fetch, an error must not quote the value.
    options: dict[str, Any] = {"validate_formats": True, "mask": "this value"}
    if "$schema" in document:
        return jsonschema_rs.validator_for(document, **options)
    return jsonschema_rs.Draft4Validator(document, **options)


def _violations(validator: Any, value: Json) -> Iterator[Violation]:
    for error in validator.iter_errors(value):
        yield Violation(
            loc=tuple(error.instance_path),
            type=str(error.kind.name),
            message=error.message,
        )


def _first(found: Iterator[Violation], most: int) -> Iterator[Violation]:
    for _, violation in zip(range(most), found, strict=False):
        yield violation


def _dotted(loc: tuple[str | int, ...]) -> str:
    return ".".join(str(part) for part in loc) or "the value"
