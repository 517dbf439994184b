"""A definition made ready for use: its input schema compiled once."""

from dataclasses import dataclass

from tieline.contracts.validation import Schema
from tieline.dialects.port import Definition
from tieline.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a target. `schema` is None where there is none, or none we can compile."""

    definition: Definition
    schema: Schema | None = None

    @classmethod
    def of(cls, definition: Definition) -> "Known":
        """Compile the schema; one that cannot be compiled leaves the check to the far side."""
        if definition.input_schema is None:
            return cls(definition)
        try:
            return cls(definition, Schema(definition.input_schema))
        except InvalidInput:
            return cls(definition)
