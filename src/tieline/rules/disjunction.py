"""An expression as table rows: disjunctive normal form, kept small on the way.

Cells on one column are joined into one (the tighter bound, the union of members); a row whose cells
exclude each other is dropped, and so is a row that another one covers.
"""

from collections.abc import Callable, Iterable, Mapping

from tieline.errors import LimitExceeded, Unsupported
from tieline.rules.cells import ALWAYS, NEVER, Alternatives, Conjunction, FieldCells
from tieline.rules.evaluate import comparable
from tieline.rules.model import And, Condition, Expression, Not, Or, Rule
from tieline.rules.table import NULL, Cell, Comparator, InputColumn
from tieline.types import Json

Cells = dict[InputColumn, Cell]

# Comparing every row with every other one costs more than it saves beyond this.
_MOST_COMPARED = 500

_TIGHTER: dict[Comparator, Callable[[Json, Json], Json]] = {
    "GreaterThan": max,
    "GreaterThanOrEquals": max,
    "LessThan": min,
    "LessThanOrEquals": min,
}


class RowWriter:
    """Rows of the rules of one table; `budget` is for all of them together."""

    def __init__(self, fields: Mapping[str, FieldCells], *, budget: int) -> None:
        """Know every field that the rules name."""
        self._fields = fields
        self._budget = budget

    def rows(self, rule: Rule, *, left: int) -> tuple[Conjunction, ...]:
        """The alternatives of a rule, at most `left` of them.

        Raises:
            LimitExceeded: it has more; the message names the rule.
            Unsupported: a comparison the platform cannot make, with its position.
        """
        return self._alternatives(rule.when, rule, left, negated=False)

    def _alternatives(
        self, expression: Expression, rule: Rule, left: int, *, negated: bool
    ) -> Alternatives:
        match expression:
            case Condition():
                return self._fields[expression.field].alternatives(expression, negated=negated)
            case Not(child=child):
                return self._alternatives(child, rule, left, negated=not negated)
            case And(children=children) | Or(children=children):
                parts = (self._alternatives(one, rule, left, negated=negated) for one in children)
                if isinstance(expression, Or) == negated:
                    return self._product(parts, rule, left)
                return self._within(_unique(row for part in parts for row in part), rule, left)

    def _product(self, parts: Iterable[Alternatives], rule: Rule, left: int) -> Alternatives:
        rows: Alternatives = ALWAYS
        for part in parts:
            if not part:
                return NEVER
            joined = (self._join(one, other, rule) for one in rows for other in part)
            rows = self._within(_unique(row for row in joined if row is not None), rule, left)
        return rows

    def _within(self, rows: Alternatives, rule: Rule, left: int) -> Alternatives:
        if len(rows) > left:
            raise LimitExceeded(
                f"the rule `{rule.name}` alone needs {len(rows)} rows or more; "
                f"{left} of the {self._budget} allowed are left for it",
                hint="split the rule, or turn its `or` groups into rules of their own",
                details=[{"loc": [rule.at.path], "type": "rows", "line": rule.at.line}],
            )
        return rows

    def _join(self, one: Conjunction, other: Conjunction, rule: Rule) -> Conjunction | None:
        """Both at once; None when they exclude each other."""
        cells: Cells = dict(one)
        for column, cell in other:
            present = cells.get(column)
            joined = cell if present is None else self._meet(column, present, cell, rule)
            if joined is None:
                return None
            cells[column] = joined
        return None if self._contradicts(cells) else tuple(sorted(cells.items(), key=_by_column))

    def _meet(self, column: InputColumn, one: Cell, other: Cell, rule: Rule) -> Cell | None:
        """One cell for two on the same column; None when no input satisfies both."""
        if one == other:
            return one
        if NULL in (one, other):
            return None
        left, right = self._ordered(column, one), self._ordered(column, other)
        if left == right:
            return one
        comparator = column.comparator
        if comparator in _TIGHTER:
            return one if _TIGHTER[comparator](left, right) == left else other
        if comparator in ("ContainsAll", "NotContainsAny"):
            return Cell(one.field, tuple(sorted({*one.value, *other.value})))
        if comparator == "Equals":
            return None
        longer, shorter = (one, other) if len(str(left)) > len(str(right)) else (other, one)
        return self._nested(column, longer, shorter, rule)

    def _nested(self, column: InputColumn, longer: Cell, shorter: Cell, rule: Rule) -> Cell | None:
        """Two texts at the same place: one within the other, or a contradiction, or too much."""
        match column.comparator:
            case "StartsWith":
                return longer if longer.value.startswith(shorter.value) else None
            case "EndsWith":
                return longer if longer.value.endswith(shorter.value) else None
            case "NotStartsWith" if longer.value.startswith(shorter.value):
                return shorter
            case "NotEndsWith" if longer.value.endswith(shorter.value):
                return shorter
            case "Contains" if shorter.value in longer.value:
                return longer
            case "NotContains" if shorter.value in longer.value:
                return shorter
        raise Unsupported(
            f"{_line(rule)}the rule `{rule.name}` needs two {column.comparator} on "
            f"`{column.key}` in one row; a decision table has one column for each",
            hint="give the field an `enum`, or split the rule",
            details=[{"loc": [rule.at.path], "type": "inexpressible", "line": rule.at.line}],
        )

    def _contradicts(self, cells: Cells) -> bool:
        """Null beside any other cell, or Equals beside the NotEquals of the same value."""
        nulls = {column.key for column, cell in cells.items() if cell == NULL}
        if any(column.key in nulls and cell != NULL for column, cell in cells.items()):
            return True
        for column, cell in cells.items():
            if column.comparator != "Equals" or cell == NULL:
                continue
            other = cells.get(InputColumn(column.key, "NotEquals"))
            if other is not None and self._ordered(column, cell) == self._ordered(column, other):
                return True
        return False

    def _ordered(self, column: InputColumn, cell: Cell) -> Json:
        field = self._fields[column.key].field
        return cell.value if field.items is not None else comparable(field, cell.value)


def _unique(rows: Iterable[Conjunction]) -> Alternatives:
    """Without repetitions, and without rows that another row's fewer cells cover."""
    kept = list(dict.fromkeys(rows))
    if len(kept) > _MOST_COMPARED:
        return tuple(kept)
    sets = [frozenset(row) for row in kept]
    return tuple(
        row
        for row, cells in zip(kept, sets, strict=True)
        if not any(other < cells for other in sets)
    )


def _by_column(entry: tuple[InputColumn, Cell]) -> InputColumn:
    return entry[0]


def _line(rule: Rule) -> str:
    return "" if rule.at.line is None else f"line {rule.at.line}: "
