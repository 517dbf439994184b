"""Records that try a decision table out: for each row one that matches it, cases first.

What a record should give is the interpreter's word; the row only says what to try.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tieline.contracts.validation import Schema
from tieline.rules.evaluate import Interpreter
from tieline.rules.exact_number import exact
from tieline.rules.field_schema import field_schema, violates
from tieline.rules.instant import instant_from_text, instant_text
from tieline.rules.model import Ruleset
from tieline.rules.table import InputColumn, Row, Table, execute_table
from tieline.types import Json

# Executions are metered by the vendor.
MOST_PROBES = 50

Record = Mapping[str, Any]


def probe_records(ruleset: Ruleset, table: Table, *, most: int = MOST_PROBES) -> list[Record]:
    """Valid records: those of the cases, then one a row, then the empty one; at most so many.

    Of more rows than there is room for, some are chosen all over the table, the last one with them.
    """
    interpreter = Interpreter(ruleset)
    schemas = {name: field_schema(schema) for name, schema in ruleset.fields.items()}
    found: list[Record] = []
    rows = _spread(len(table.rows), max(0, most - len(ruleset.cases)))
    tried = (_matching(table.rows[at], table, schemas) for at in rows)
    for record in (*(case.record for case in ruleset.cases), *tried, {}):
        if record not in found and interpreter.invalid(record) is None:
            found.append(record)
    return found[:most]


def _spread(count: int, most: int) -> list[int]:
    """So many of the indexes, in even steps up to the last one."""
    if count <= most:
        return list(range(count))
    return [(at + 1) * count // most - 1 for at in range(most)]


def expected_outputs(
    ruleset: Ruleset, table: Table, record: Record, *, queue_ids: Mapping[str, str]
) -> dict[str, Json] | None:
    """What the platform is to answer for a record; None: that no row matches."""
    then = Interpreter(ruleset).target(record)
    if then is None:
        return None
    found: dict[str, Json] = dict.fromkeys(table.outputs)
    for key, value in then.items():
        found[f"then_{key}"] = _queue(value, queue_ids) if key == "queue" else value
    return found


def wire_inputs(table: Table, record: Record) -> dict[str, Json]:
    """A record as an execution takes it: the table's attributes only, moments in milliseconds."""
    inputs: dict[str, Json] = {}
    for key in {column.key for column in table.inputs}:
        value = record.get(key)
        if value is None:
            continue
        if table.attribute(key).type == "datetime":
            instant = instant_from_text(str(value))
            value = value if instant is None else instant_text(instant)
        inputs[key] = value
    return inputs


def _queue(value: Json, queue_ids: Mapping[str, str]) -> dict[str, Any]:
    if isinstance(value, Mapping):
        given = value.get("id") or queue_ids.get(str(value.get("name")))
    else:
        given = queue_ids.get(str(value))
    return {"queue": {"id": given}}


def _matching(row: Row, table: Table, schemas: Mapping[str, Schema]) -> dict[str, Json]:
    """A record that matches the row, as far as trying values beside its literals finds one.

    The platform refuses a value outside its schema, so none such is tried.
    """
    record: dict[str, Json] = {}
    for key in {column.key for column in row.inputs}:
        cells = {column: cell for column, cell in row.inputs.items() if column.key == key}
        alone = Table(table.name, table.attributes, tuple(cells), (), (Row(None, cells, {}),))
        for value in _candidates(cells, table, key):
            given = {} if value is None else {key: value}
            if execute_table(alone, given) is not None and not violates(schemas, given):
                record |= given
                break
    return record


def _candidates(cells: Mapping[InputColumn, Any], table: Table, key: str) -> Iterator[Json]:
    kind = table.attribute(key).type
    for cell in cells.values():
        if cell.field != "special":
            yield from _near(kind, cell.value)
    yield from table.attribute(key).constraints.get("enum", ())
    yield None


def _near(kind: str, value: Json) -> Iterator[Json]:
    match kind:
        case "stringList":
            yield list(value)
            yield [f"{value[0]}-", "-"]
            yield []
        case "boolean":
            yield value
            yield not value
        case "integer" | "number":
            yield value
            number = exact(value)
            if number is not None:
                yield from (int(number) + 1, int(number) - 1)
        case "datetime":
            yield value
            yield from ("1970-01-01T00:00:00.000Z", "2100-01-01T00:00:00.000Z")
        case _:
            yield value
            yield from (f"{value}-", f"-{value}", "-", "")
