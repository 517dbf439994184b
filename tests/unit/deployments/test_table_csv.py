"""Rows as CSV: after the template's header, whatever its order, and only what all read alike."""

import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.deployments.table_csv import (
    FEWEST_IMPORTED_ROWS,
    Template,
    imported_rows,
    plain_rows,
    refused_rows,
    told_refusal,
)
from tieline.deployments.table_rows import Columns
from tieline.emulator.business_rules import csv_form
from tieline.emulator.business_rules.attributes import attributes_of
from tieline.emulator.business_rules.columns import columns_of, with_ids
from tieline.rules.check import load_ruleset
from tieline.rules.table import (
    LITERAL_FIELDS,
    NULL,
    WILDCARD,
    Attribute,
    Cell,
    InputColumn,
    Row,
    Table,
)

ATTRIBUTES = (
    Attribute("city", "string", {}), Attribute("n", "integer", {}), Attribute("x", "number", {}),
    Attribute("vip", "boolean", {}), Attribute("at", "datetime", {}),
    Attribute("tags", "stringList", {}), Attribute("then_queue", "businessRulesQueue", {}),
    Attribute("then_note", "string", {}),
)  # fmt: skip
INPUTS = (
    InputColumn("at", "LessThan"), InputColumn("city", "Equals"), InputColumn("n", "Equals"),
    InputColumn("n", "GreaterThan"), InputColumn("tags", "ContainsAll"),
    InputColumn("vip", "Equals"), InputColumn("x", "LessThanOrEquals"),
)  # fmt: skip
OUTPUTS = ("then_queue", "then_note")
QUEUE = "5b8e1c9d-7a2f-4d3b-8e6c-0f9a1b2c3d03"
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(max_size=12) | st.text("ab|\\<> ,\"';\n", max_size=6),
    "integer": st.integers(-(2**63), 2**63 - 1),
    "number": st.decimals(-(10**6), 10**6, places=4) | st.integers(-5, 5),
    "boolean": st.booleans(),
    "datetime": st.just("2026-01-31T12:00:00.000Z"),
    "stringList": st.lists(st.text("ab|\\<, ", max_size=4), max_size=3).map(tuple),
    "businessRulesQueue": st.just(QUEUE),
}
KINDS = {attribute.key: attribute.type for attribute in ATTRIBUTES}


def table_of(*rows: Row) -> Table:
    return Table("t", ATTRIBUTES, INPUTS, OUTPUTS, rows)


def cells(key: str) -> st.SearchStrategy[Cell]:
    kind = KINDS[key]
    values = VALUES[kind].map(lambda value: Cell(LITERAL_FIELDS[kind], value))
    return values | st.sampled_from([NULL])


ROWS = st.builds(
    lambda inputs, outputs: Row("r", inputs, {"then_queue": Cell("string", QUEUE), **outputs}),
    st.fixed_dictionaries(
        {INPUTS[1]: cells("city")},
        optional={column: cells(column.key) for column in INPUTS if column != INPUTS[1]},
    ),
    st.fixed_dictionaries({}, optional={"then_note": cells("then_note")}),
)


class Standing:
    """The same table as the emulator keeps it, its columns in an order of their own."""

    def __init__(self, order: tuple[int, ...]) -> None:
        kept = with_ids(table_of().columns_json())
        self.columns = Columns.read(kept)
        all_columns = columns_of({"columns": kept}, attributes_of(table_of().schema_json()))
        chosen = [list(all_columns.values())[number] for number in order]
        self.emulated = {column.id: column for column in chosen}

    def template(self) -> Template | None:
        return Template.read(csv_form.write(self.emulated, []), self.columns)


@given(st.lists(ROWS, max_size=5), st.permutations(range(len(INPUTS) + len(OUTPUTS))))
def test_what_is_written_is_what_the_platforms_reader_makes_of_it(
    rows: list[Row], order: list[int]
) -> None:
    standing = Standing(tuple(order))
    table = table_of(*rows)
    template = standing.template()
    assert template is not None
    written = template.write(table.rows[: plain_rows(table)])

    read = [
        csv_form.cells_of(standing.emulated, fields)
        for _, *fields in csv_form.read(standing.emulated, written)
    ]

    wanted = [table.row_json(row, standing.columns.ids()) for row in rows[: plain_rows(table)]]
    assert read == [
        {side: {k: {"literal": _plain(c["literal"])} for k, c in row[side].items()} for side in row}
        for row in wanted
    ]


def _plain(literal: dict[str, Any]) -> dict[str, Any]:
    """A literal as JSON would bring it: a number is compared by its value."""
    return {k: float(v) if isinstance(v, Decimal) else v for k, v in literal.items()}


NOT_PLAIN = [
    Cell("string", ""), Cell("string", " a"), Cell("string", "a\n"), Cell("string", "<Null>"),
    Cell("string", "a\\b"), Cell("string", "=1+1"), Cell("string", '"a"'), Cell("strings", ()),
    Cell("strings", ("a|b",)), Cell("strings", ("a", "")), NULL, WILDCARD,
]  # fmt: skip


@pytest.mark.parametrize("cell", NOT_PLAIN, ids=str)
def test_rows_from_the_first_unsure_cell_on_are_left_to_calls(cell: Cell) -> None:
    plain = Row("r", {INPUTS[1]: Cell("string", "a|b, c")}, {})
    rows = [*[plain] * 200, Row("r", {INPUTS[1]: cell}, {}), plain]
    assert plain_rows(table_of(*rows)) == 200
    assert imported_rows(table_of(*rows), standing=0) == 200


def test_an_import_is_for_as_many_rows_as_its_calls_would_carry() -> None:
    row = Row("r", {INPUTS[1]: Cell("string", "a")}, {})
    table = table_of(*[row] * FEWEST_IMPORTED_ROWS)
    assert imported_rows(table, standing=0) == FEWEST_IMPORTED_ROWS
    assert imported_rows(table, standing=1) == 0
    assert imported_rows(table_of(*[row] * (FEWEST_IMPORTED_ROWS - 1)), standing=0) == 0


COLUMNS = Columns(
    {InputColumn("n", "Equals"): "c1", InputColumn("m", "Equals"): "c2"}, {"then_queue": "c3"}
)
HEADERS = [
    ("as the emulator has it", "Row ID,n Equals,m Equals,then_queue", True),
    ("another order, keys alone, other marks", "THEN_QUEUE,m,Row-Id,n (Equals)\r\nx,y", True),
    ("column ids and no row id", "c3,c1,c2", True),
    ("a byte order mark", "\ufeffid,n,m,then_queue", True),
    ("two titles nobody knows", "id,hint,n,m,then_queue", False),
    ("a column is missing", "id,n,then_queue", False),
    ("a column twice", "id,n,n Equals,m,then_queue", False),
    ("another separator", "id;n;m;then_queue", False),
    ("nothing", "", False),
    ("a quote that never ends", '"id,n', False),
]
HEADER_IDS = [header[0] for header in HEADERS]


@pytest.mark.parametrize(("text", "readable"), [h[1:] for h in HEADERS], ids=HEADER_IDS)
def test_a_template_counts_only_if_each_title_has_one_meaning(text: str, readable: bool) -> None:
    found = Template.read(text, COLUMNS)
    assert (found is not None) == readable
    if found is not None:
        (written,) = csv.reader(io.StringIO(found.write([]).decode(), newline=""))
        assert written == text.removeprefix("\ufeff").splitlines()[0].split(",")


def test_a_key_under_several_comparators_needs_the_comparator_in_the_title() -> None:
    columns = Columns(
        {InputColumn("n", "Equals"): "c1", InputColumn("n", "LessThan"): "c2"}, {"q": "c3"}
    )
    assert Template.read("id,n,n LessThan,q", columns) is None
    assert Template.read("id,n less-than,n equals,q", columns) is not None


def test_titles_that_two_columns_could_have_are_not_guessed_at() -> None:
    columns = Columns(
        {InputColumn("a b", "Equals"): "c1", InputColumn("ab", "Equals"): "c2"}, {"q": "c3"}
    )
    assert Template.read("id,a b Equals,ab Equals,q", columns) is None
    assert Template.read("id,c1,c2,q", columns) is not None


def test_a_refused_row_is_told_by_its_rule_and_line() -> None:
    ruleset = load_ruleset(
        "ruleset: r\nfields:\n  n: {type: integer}\nrules:\n"
        "  - name: low\n    when: n lt 1\n    then: {queue: Q}\n"
        "  - name: high\n    when: n gt 9\n    then: {queue: Q}\n"
    )
    table = table_of(Row("low", {}, {}), Row("high", {}, {}), Row(None, {}, {}))
    errors: list[dict[str, Any]] = [
        {"rowNumber": 2, "message": "not a queue"}, {"rowNumber": 3, "message": "no"},
        {"rowNumber": 0, "message": "the file"}, {"rowNumber": 9}, {"rowNumber": "2"},
    ]  # fmt: skip
    told = [told_refusal(detail) for detail in refused_rows(errors, table, ruleset)]
    assert told == [
        "line 8: `high`, row 2: not a queue", "row 3: no", "the file", "refused", "refused",
    ]  # fmt: skip
