"""A definition made ready for use: its input schema compiled once."""

from dataclasses import dataclass

from tieline.audit.declared import Path, declared_personal
from tieline.contracts.validation import Schema
from tieline.dialects.port import Definition
from tieline.errors import InvalidInput
from tieline.types import JsonObject


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a target. `schema` is None where there is none, or none we can compile.

    `personal_input` and `personal_output` are the fields that its contract marks `"pii": true`.
    """

    definition: Definition
    schema: Schema | None = None
    personal_input: tuple[Path, ...] = ()
    personal_output: tuple[Path, ...] = ()

    @classmethod
    def of(cls, definition: Definition) -> "Known":
        """Compile the schema; one that cannot be compiled leaves the check to the far side."""
        return cls(
            definition,
            _compiled(definition.input_schema),
            declared_personal(definition.input_schema or {}),
            declared_personal(definition.output_schema or {}),
        )


def _compiled(schema: JsonObject | None) -> Schema | None:
    if schema is None:
        return None
    try:
        return Schema(schema)
    except InvalidInput:
        return None
