"""Reading an answer once, at the edge: a missing or wrong field is `BadAnswer` and is named."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from tieline.calls.operation import Answer, Operation
from tieline.errors import BadAnswer
from tieline.types import Json, JsonObject

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fields:
    """An object from the wire. `maybe_*` give None for a field that is absent or null."""

    operation: str
    values: JsonObject
    correlation_id: str | None = None
    inside: str = ""

    @classmethod
    def of(cls, operation: Operation, answer: Answer) -> "Fields":
        """Open an answer whose body must be an object."""
        if not isinstance(answer.body, Mapping):
            raise BadAnswer(
                f"{operation.name}: the answer is no JSON object",
                correlation_id=answer.correlation_id,
                attempts=answer.attempts,
            )
        return cls(operation.name, answer.body, answer.correlation_id)

    @classmethod
    def entry(cls, operation: Operation, entry: Json) -> "Fields":
        """Open one entry of a list."""
        if not isinstance(entry, Mapping):
            raise BadAnswer(f"{operation.name}: the list has an entry that is no JSON object")
        return cls(operation.name, entry, inside="entities[].")

    def text(self, *names: str) -> str:
        """Read a string that must be there, under the first of these names that is."""
        for name in names:
            found = self.maybe_text(name)
            if found:
                return found
        raise self._bad(names[0], "is missing")

    def maybe_text(self, name: str) -> str | None:
        """Read a string."""
        return self._typed(name, str, "a string")

    def maybe_number(self, name: str) -> float | None:
        """Read a number; a boolean is none."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._bad(name, "is not a number")
        return float(value)

    def maybe_version(self, name: str) -> str | None:
        """Read a version, which the surfaces write as a number or as a string."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self._bad(name, "is not a version")
        return str(value)

    def maybe_flag(self, name: str) -> bool | None:
        """Read a boolean."""
        return self._typed(name, bool, "a boolean")

    def maybe_object(self, name: str) -> "Fields | None":
        """Open an object inside this one."""
        found = self._typed(name, Mapping, "an object")
        if found is None:
            return None
        return Fields(self.operation, found, self.correlation_id, f"{self.inside}{name}.")

    def objects(self, name: str) -> tuple[JsonObject, ...]:
        """Read a list of objects that must be there."""
        found = self._typed(name, list, "a list")
        if found is None:
            raise self._bad(name, "is missing")
        if not all(isinstance(item, Mapping) for item in found):
            raise self._bad(name, "has an entry that is no object")
        return tuple(found)

    def maybe_texts(self, name: str) -> tuple[str, ...] | None:
        """Read a list of strings."""
        found = self._typed(name, list, "a list")
        if found is None:
            return None
        if not all(isinstance(item, str) for item in found):
            raise self._bad(name, "has an entry that is no string")
        return tuple(found)

    def choice(self, name: str, table: Mapping[str, T]) -> T:
        """Read an enumeration, in any case: the platform's own SDKs compare so."""
        value = self.text(name)
        try:
            return table[value.upper()]
        except KeyError:
            raise self._bad(name, f"has the unknown value {value[:64]!r}") from None

    def value(self, name: str) -> Json:
        """Any JSON; None when absent."""
        return self.values.get(name)

    def _typed(self, name: str, kind: type[T] | tuple[type[T], ...], wanted: str) -> T | None:
        value = self.values.get(name)
        if value is None or isinstance(value, kind):
            return value
        raise self._bad(name, f"is not {wanted}")

    def _bad(self, name: str, what: str) -> BadAnswer:
        return BadAnswer(
            f"{self.operation}: the answer's field `{self.inside}{name}` {what}",
            correlation_id=self.correlation_id,
        )


def version_of(document: JsonObject, operation: str) -> int:
    """Read the platform's own version counter.

    Raises:
        BadAnswer: it is missing or no integer.
    """
    version = document.get("version")
    if isinstance(version, bool) or not isinstance(version, int):
        raise BadAnswer(f"{operation}: the answer's `version` is not an integer")
    return version


def identifier_of(document: JsonObject, operation: str) -> str:
    """Read an id.

    Raises:
        BadAnswer: it is missing.
    """
    found = document.get("id")
    if not isinstance(found, str) or not found:
        raise BadAnswer(f"{operation}: the answer's `id` is missing")
    return found
