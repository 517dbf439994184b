"""Rules compiled to a decision table of the platform, meaning for meaning.

Rows stand in the order rules are tried; a rule may need several. The default is a last row that
matches anything. What the platform cannot say is an error with its place, never an approximation.
"""

from collections.abc import Mapping
from typing import Any

from tieline.errors import InvalidInput, LimitExceeded, Unsupported
from tieline.rules.cells import FieldCells
from tieline.rules.disjunction import RowWriter
from tieline.rules.evaluate import Interpreter
from tieline.rules.exact_number import exact, is_whole
from tieline.rules.field_type import FieldType
from tieline.rules.model import Condition, Ruleset
from tieline.rules.table import (
    LITERAL_FIELDS,
    WILDCARD,
    Attribute,
    Cell,
    CoreType,
    Row,
    Table,
)
from tieline.rules.verify.fields import conditions_of
from tieline.types import Json

# Documented by the vendor for one table, inputs and outputs together.
MOST_COLUMNS = 30
MOST_STRING_COLUMNS = 20
# A limit of the organisation exists and is not published; the emulator's is the same.
DEFAULT_ROW_BUDGET = 1_000

_CONSTRAINTS: Mapping[str, tuple[str, ...]] = {
    "string": ("minLength", "maxLength"),
    "integer": ("minimum", "maximum"),
    "number": ("minimum", "maximum"),
    "stringList": ("minItems", "maxItems", "uniqueItems"),
}
_OUTPUT_PREFIX = "then_"


def compile_table(
    ruleset: Ruleset,
    *,
    queue_ids: Mapping[str, str],
    row_budget: int = DEFAULT_ROW_BUDGET,
) -> Table:
    """Compile a checked rule set; `queue_ids` maps the names in `then` to ids.

    Raises:
        Unsupported: a condition, field or target the platform has no form for, with its position.
        LimitExceeded: too many rows (names the rule), columns or text columns.
        InvalidInput: a queue is not among `queue_ids`.
    """
    fields = _fields(ruleset)
    writer = RowWriter(fields, budget=row_budget)
    outputs = _Outputs(ruleset, queue_ids)
    rows: list[Row] = []
    for rule in ruleset.ordered():
        cells = outputs.cells(rule.then, rule.name)
        alternatives = writer.rows(rule, left=row_budget - len(rows))
        rows.extend(Row(rule.name, dict(one), cells) for one in alternatives)
    if ruleset.default is not None:
        rows.append(Row(None, {}, outputs.cells(ruleset.default, "default")))
    if len(rows) > row_budget:
        raise LimitExceeded(f"the default's row would be one more than the {row_budget} allowed")
    inputs = tuple(sorted({column for row in rows for column in row.inputs}))
    if not inputs:
        raise Unsupported("the rules compare nothing; a decision table needs a condition")
    explicit = {inputs[0]: WILDCARD}
    rows = [row if row.inputs else Row(row.rule, explicit, row.outputs) for row in rows]
    used = {column.key for column in inputs}
    attributes = tuple(one.attribute for key, one in fields.items() if key in used)
    table = Table(
        ruleset.name, (*attributes, *outputs.attributes()), inputs, outputs.keys(), tuple(rows)
    )
    _within_limits(table)
    return table


def _fields(ruleset: Ruleset) -> dict[str, FieldCells]:
    interpreter = Interpreter(ruleset)
    asked: dict[str, list[Condition]] = {}
    for rule in interpreter.rules:
        for condition in conditions_of(rule.when):
            asked.setdefault(condition.field, []).append(condition)
    found: dict[str, FieldCells] = {}
    for name, conditions in asked.items():
        known = interpreter.types[name]
        attribute = _attribute(known, conditions[0])
        equalities = {str(one.value) for one in conditions if one.operator in ("eq", "neq")}
        split = known.ordered and len(equalities) > 1
        required = name in ruleset.required
        found[name] = FieldCells(known, attribute, required, split, interpreter.holds)
    return found


def _attribute(known: FieldType, first: Condition) -> Attribute:
    core = _core_type(known)
    if core is None:
        line = "" if first.at.line is None else f"line {first.at.line}: "
        raise Unsupported(
            f"{line}the field `{known.name}` ({known}) has no counterpart in a decision table",
            details=[{"loc": [first.at.path], "type": "inexpressible", "line": first.at.line}],
        )
    if core == "enum":
        keys = [key for key in known.schema["enum"] if key is not None]
        titles = {key: {"title": key} for key in keys}
        return Attribute(known.name, core, {"enum": keys, "_enumProperties": titles})
    kept = _CONSTRAINTS.get(core, ())
    constraints = {key: known.schema[key] for key in kept if known.schema.get(key) is not None}
    return Attribute(known.name, core, constraints)


def _core_type(known: FieldType) -> CoreType | None:
    match known.kind:
        case "string":
            return "enum" if isinstance(known.schema.get("enum"), list) else "string"
        case "date-time":
            return "datetime"
        case "integer" | "number" | "boolean":
            return known.kind
        case "array" if known.items is not None and known.items.kind == "string":
            return "stringList"
        case _:
            return None


class _Outputs:
    """One output column a key of `then`; a queue's column holds its id."""

    def __init__(self, ruleset: Ruleset, queue_ids: Mapping[str, str]) -> None:
        self._queue_ids = queue_ids
        self._types: dict[str, CoreType] = {}
        targets = [(rule.name, rule.then) for rule in ruleset.ordered()]
        if ruleset.default is not None:
            targets.append(("default", ruleset.default))
        for name, then in targets:
            for key, value in then.items():
                kind = _output_type(key, value, name)
                if self._types.setdefault(key, kind) != kind:
                    raise Unsupported(
                        f"`{name}`: `then.{key}` is {kind} here and {self._types[key]} elsewhere"
                    )

    def keys(self) -> tuple[str, ...]:
        """Attribute keys, in the order they were first written."""
        return tuple(_OUTPUT_PREFIX + key for key in self._types)

    def attributes(self) -> tuple[Attribute, ...]:
        """The attributes of the output columns."""
        return tuple(Attribute(_OUTPUT_PREFIX + key, kind, {}) for key, kind in self._types.items())

    def cells(self, then: Mapping[str, Any], rule: str) -> dict[str, Cell]:
        """A row's results."""
        return {
            _OUTPUT_PREFIX + key: Cell(
                LITERAL_FIELDS[self._types[key]], self._value(key, value, rule)
            )
            for key, value in then.items()
        }

    def _value(self, key: str, value: Json, rule: str) -> Json:
        if self._types[key] != "businessRulesQueue":
            return value
        if isinstance(value, Mapping) and isinstance(value.get("id"), str):
            return value["id"]
        name = value.get("name") if isinstance(value, Mapping) else value
        if name not in self._queue_ids:
            raise InvalidInput(
                f"`{rule}`: the queue `{name}` is not known", hint="give its id: {id: …}"
            )
        return self._queue_ids[str(name)]


def _output_type(key: str, value: Json, rule: str) -> CoreType:
    if key == "queue":
        return "businessRulesQueue"
    if isinstance(value, bool):
        return "boolean"
    number = exact(value)
    if number is not None:
        return "integer" if is_whole(number) else "number"
    if isinstance(value, str):
        return "string"
    raise Unsupported(f"`{rule}`: `then.{key}` is neither text, a number nor a boolean")


def _within_limits(table: Table) -> None:
    columns = len(table.inputs) + len(table.outputs)
    if columns > MOST_COLUMNS:
        raise LimitExceeded(
            f"the rules need {columns} columns; a decision table has {MOST_COLUMNS} at most",
            hint="every field takes a column for each comparator it is used with",
        )
    texts = sum(1 for column in table.inputs if table.attribute(column.key).type == "string")
    texts += sum(1 for key in table.outputs if table.attribute(key).type == "string")
    if texts > MOST_STRING_COLUMNS:
        raise LimitExceeded(
            f"the rules need {texts} text columns; a decision table has {MOST_STRING_COLUMNS}",
            hint="give fields with few values an `enum`",
        )
