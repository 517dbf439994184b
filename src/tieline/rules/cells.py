"""One comparison as table cells: alternatives (rows), each a set of cells that hold together.

Our `not` is true for a missing field and the platform's `Not…` comparators are false for one, so a
negated comparison is two rows: the field is null, or it is there and the opposite holds. There is
no "is not null" on the platform: `exists` is two rows too, equal to a value or not equal to it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor

from tieline.errors import Unsupported
from tieline.rules.exact_number import Number, exact, is_whole, plain_number
from tieline.rules.field_type import FieldType
from tieline.rules.instant import instant_from_text, instant_text
from tieline.rules.model import Condition, Position
from tieline.rules.regex_literal import anchored_literal
from tieline.rules.table import (
    LITERAL_FIELDS,
    NULL,
    Attribute,
    Cell,
    Comparator,
    CoreType,
    InputColumn,
)
from tieline.types import Json

Conjunction = tuple[tuple[InputColumn, Cell], ...]
Alternatives = tuple[Conjunction, ...]
"""No alternative: never; one empty conjunction: always."""

NEVER: Alternatives = ()
ALWAYS: Alternatives = ((),)

_OPPOSITE: dict[Comparator, Comparator] = {
    "Equals": "NotEquals", "NotEquals": "Equals", "GreaterThan": "LessThanOrEquals",
    "GreaterThanOrEquals": "LessThan", "LessThan": "GreaterThanOrEquals",
    "LessThanOrEquals": "GreaterThan", "StartsWith": "NotStartsWith", "EndsWith": "NotEndsWith",
    "Contains": "NotContains",
}  # fmt: skip
_COMPARATORS: dict[str, Comparator] = {
    "eq": "Equals", "neq": "NotEquals", "gt": "GreaterThan", "gte": "GreaterThanOrEquals",
    "lt": "LessThan", "lte": "LessThanOrEquals", "contains": "Contains",
}  # fmt: skip
_LARGEST_INTEGER = 2**63 - 1
# The platform keeps ten decimals of a number, and milliseconds of a date-time.
_MOST_DECIMALS = 10
_MILLISECOND = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class FieldCells:
    """Cells of one field; `required` fields are never null, and need no row for it."""

    field: FieldType
    attribute: Attribute
    required: bool
    split: bool  # write `not equal` as `less or greater`: one row can then hold several
    judge: Callable[[Condition, Json], bool]

    def alternatives(self, condition: Condition, *, negated: bool) -> Alternatives:
        """The rows of one comparison or of its negation.

        Raises:
            Unsupported: the platform cannot say this; the message has the position.
        """
        if condition.operator in ("exists", "not_exists"):
            there = (condition.operator == "exists") != negated
            return self.present() if there else self.missing()
        holds = self.holds(condition, negated=negated)
        return (*self.missing(), *holds) if negated else holds

    def missing(self) -> Alternatives:
        """The field is missing or null."""
        return NEVER if self.required else (((self.column("Equals"), NULL),),)

    def present(self) -> Alternatives:
        """The field is there: a value, or any other one."""
        if self.required:
            return ALWAYS
        some = self.some()
        if self.field.kind == "array":
            return self.one("ContainsAll", some), self.one("NotContainsAny", some)
        return self.one("Equals", some), self.one("NotEquals", some)

    def holds(self, condition: Condition, *, negated: bool) -> Alternatives:
        """A present value satisfies the comparison, or does not."""
        if self.attribute.type == "enum":
            return self.choices(condition, negated=negated)
        if self.field.kind == "integer":
            return self.whole(condition, negated=negated)
        if self.field.kind == "array":
            comparator: Comparator = "NotContainsAny" if negated else "ContainsAll"
            return self.rows(comparator, self.cell((str(condition.value),)))
        comparator, value = self.comparison(condition)
        comparator = _OPPOSITE[comparator] if negated else comparator
        return self.rows(comparator, self.literal(value, condition))

    def choices(self, condition: Condition, *, negated: bool) -> Alternatives:
        """An enum: the keys that satisfy it; all but one are `NotEquals` that one."""
        keys = self.field.schema["enum"]
        chosen = [key for key in keys if key is not None and self.judge(condition, key) != negated]
        others = [key for key in keys if key is not None and key not in chosen]
        if not others:
            return self.present()
        if len(others) == 1 and len(chosen) > 1:
            return (self.one("NotEquals", self.cell(others[0])),)
        return tuple(self.one("Equals", self.cell(key)) for key in chosen)

    def whole(self, condition: Condition, *, negated: bool) -> Alternatives:
        """An integer against any number: a fraction becomes the whole number beside it."""
        comparator = _COMPARATORS[condition.operator]
        comparator = _OPPOSITE[comparator] if negated else comparator
        number = exact(condition.value)
        if number is None:
            raise ValueError(f"{condition.value!r} is no number")
        if not is_whole(number):
            if comparator == "Equals":
                return NEVER
            if comparator == "NotEquals":
                return self.present()
            upwards = comparator in ("GreaterThan", "GreaterThanOrEquals")
            comparator = "GreaterThanOrEquals" if upwards else "LessThanOrEquals"
            number = ceil(number) if upwards else floor(number)
        return self.rows(comparator, self.literal(int(number), condition))

    def comparison(self, condition: Condition) -> tuple[Comparator, Json]:
        """The comparator and literal of a positive comparison."""
        if condition.operator != "regex" and self.field.kind != "date-time":
            return _COMPARATORS[condition.operator], condition.value
        if condition.operator in ("contains", "regex") and self.field.kind == "date-time":
            raise inexpressible(condition, "the platform does not look into a date-time's text")
        if condition.operator != "regex":
            return _COMPARATORS[condition.operator], condition.value
        found = anchored_literal(str(condition.value))
        if found is None:
            reason = "of regular expressions the platform has only ^text, text$ and ^text$"
            raise inexpressible(condition, reason)
        edge, text = found
        return {"start": "StartsWith", "end": "EndsWith", "both": "Equals"}[edge], text  # type: ignore[return-value]  # the three are comparators

    def literal(self, value: Json, condition: Condition) -> Cell:
        """The literal as the platform holds it, or an error where it cannot."""
        match self.attribute.type:
            case "integer":
                if abs(value) > _LARGEST_INTEGER:
                    raise inexpressible(condition, "the platform's integers have 64 bits")
                return self.cell(value)
            case "number":
                return self.cell(_decimal(value, condition))
            case "datetime":
                return self.cell(_moment(value, condition))
            case _:
                return self.cell(value)

    def some(self) -> Cell:
        """Any literal of the type; which one does not matter."""
        zero: dict[CoreType, Json] = {
            "string": "-", "integer": 0, "number": 0, "boolean": True,
            "datetime": "1970-01-01T00:00:00.000Z", "stringList": ("-",),
        }  # fmt: skip
        if self.attribute.type == "enum":
            return self.cell(next(key for key in self.field.schema["enum"] if key is not None))
        return self.cell(zero[self.attribute.type])

    def column(self, comparator: Comparator) -> InputColumn:
        """The column of a comparator; lists have no `Equals`."""
        if self.field.kind == "array" and comparator == "Equals":
            comparator = "ContainsAll"
        return InputColumn(self.attribute.key, comparator)

    def rows(self, comparator: Comparator, cell: Cell) -> Alternatives:
        """One row, but for `NotEquals` on a boolean, and on a field compared several times."""
        if comparator == "NotEquals" and self.attribute.type == "boolean":
            return (self.one("Equals", self.cell(not cell.value)),)
        if comparator == "NotEquals" and self.split:
            return self.one("LessThan", cell), self.one("GreaterThan", cell)
        return (self.one(comparator, cell),)

    def one(self, comparator: Comparator, cell: Cell) -> Conjunction:
        """A conjunction of one cell."""
        return ((self.column(comparator), cell),)

    def cell(self, value: Json) -> Cell:
        """A literal in the field the column's type asks for."""
        return Cell(LITERAL_FIELDS[self.attribute.type], value)


def inexpressible(condition: Condition, reason: str) -> Unsupported:
    """The platform cannot say this; with the place in the file."""
    return Unsupported(
        f"{_place(condition.at)}`{condition.field} {condition.operator}` cannot be a decision "
        f"table's condition: {reason}",
        hint="deploy it with the guide dialect, or rewrite the condition",
        details=[
            {"loc": [condition.at.path], "type": "inexpressible", "message": reason,
             "line": condition.at.line, "column": condition.at.column}
        ],
    )  # fmt: skip


def _place(at: Position) -> str:
    return "" if at.line is None else f"line {at.line}, column {at.column}: "


def _decimal(value: Json, condition: Condition) -> Json:
    number: Number | None = exact(value)
    if isinstance(number, Decimal):
        plain = plain_number(number)
        exponent = number.normalize().as_tuple().exponent
        if isinstance(plain, str) or not isinstance(exponent, int) or exponent < -_MOST_DECIMALS:
            raise inexpressible(condition, f"the platform keeps {_MOST_DECIMALS} decimals")
        return plain
    return number


def _moment(value: Json, condition: Condition) -> str:
    instant = instant_from_text(str(value))
    if instant is None or instant % _MILLISECOND:
        raise inexpressible(condition, "the platform's date-times have milliseconds")
    text = instant_text(instant)
    whole, _, fraction = text[:-1].partition(".")
    return f"{whole}.{fraction:0<3}Z"
