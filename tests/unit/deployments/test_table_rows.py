"""Rows compared without the ids of one table's columns."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.deployments.table_rows import (
    Columns,
    bare_row,
    common_rows,
    plan_rows,
    rule_names,
)
from tieline.rules.table import NULL, WILDCARD, Attribute, Cell, InputColumn, Row, Table

N, TAGS = InputColumn("n", "Equals"), InputColumn("tags", "ContainsAll")
ATTRIBUTES = (
    Attribute("n", "integer", {}), Attribute("tags", "stringList", {}),
    Attribute("then_q", "string", {}),
)  # fmt: skip
ROWS = st.builds(
    Row,
    st.sampled_from(["a", "b", None]),
    st.fixed_dictionaries(
        {},
        optional={
            N: st.integers(0, 3).map(lambda n: Cell("integer", n))
            | st.sampled_from([NULL, WILDCARD]),
            TAGS: st.lists(st.sampled_from("xy")).map(lambda t: Cell("strings", tuple(t))),
        },
    ),
    st.fixed_dictionaries({}, optional={"then_q": st.sampled_from([Cell("string", "q"), NULL])}),
)


def table(*rows: Row) -> Table:
    return Table("t", ATTRIBUTES, (N, TAGS), ("then_q",), rows)


def kept(told: dict[str, Any], prefix: str) -> dict[str, Any]:
    """Columns as an answer has them, with ids."""
    return {
        side: [{**one, "id": f"{prefix}{side}{at}"} for at, one in enumerate(told[side])]
        for side in told
    }


COLUMNS = [Columns.read(kept(table().columns_json(), prefix)) for prefix in "ab"]


@given(ROWS, st.sampled_from(COLUMNS))
def test_a_row_reads_back_as_it_was_written_whatever_the_ids(row: Row, columns: Columns) -> None:
    assert columns.bare(table().row_json(row, columns.ids())) == bare_row(row)


def test_a_cell_without_a_literal_and_one_that_says_nothing_are_no_cells() -> None:
    ids = COLUMNS[0].ids()
    read = COLUMNS[0].bare(
        {"inputs": {ids[N]: {}, ids[TAGS]: {"literal": {"special": "Wildcard"}}},
         "outputs": {ids["then_q"]: {"literal": {"special": "Null"}}}}
    )  # fmt: skip
    assert read == {"inputs": {}, "outputs": {}}


def test_a_null_input_says_something() -> None:
    assert bare_row(Row("a", {N: NULL}, {}))["inputs"] == {"n Equals": {"special": "Null"}}


def test_a_column_nobody_knows_keeps_its_id_and_so_differs() -> None:
    literal = {"integer": 1}
    assert COLUMNS[0].bare({"inputs": {"z": {"literal": literal}}})["inputs"] == {"z": literal}


@pytest.mark.parametrize(
    ("default", "reasons"),
    [
        ({"special": "Wildcard"}, []),
        ({"special": "Wildcard", "value": None}, []),
        ({"special": "Null"}, ["an empty cell of the column `n Equals` has a value"]),
        ({"value": "3"}, ["an empty cell of the column `n Equals` has a value"]),
        (None, ["an empty cell of the column `n Equals` has a value"]),
    ],
)
def test_a_column_whose_empty_cells_mean_something_is_unfit(
    default: dict[str, Any] | None, reasons: list[str]
) -> None:
    told = kept(table().columns_json(), "c")
    told["inputs"][0]["defaultsTo"] = default
    assert Columns.read(told).unfit(table()) == reasons


def test_columns_that_rows_need_and_a_table_lacks_are_named() -> None:
    told = kept(table().columns_json(), "c")
    lacking = {"inputs": told["inputs"][1:], "outputs": []}
    assert Columns.read(lacking).unfit(table()) == [
        "there is no column `n Equals`", "there is no column `then_q`",
    ]  # fmt: skip


@given(st.lists(ROWS, max_size=6), st.lists(ROWS, max_size=6))
def test_a_plan_counts_every_row_once_and_names_its_rule(
    before: list[Row], after: list[Row]
) -> None:
    standing, wanted = [bare_row(row) for row in before], table(*after)
    plan = plan_rows("t", wanted, standing, rules_of=rule_names(table(*before)))
    kinds = [change.kind for change in plan.changes]
    assert plan.unchanged + kinds.count("add") + kinds.count("move") == len(after)
    assert plan.unchanged + kinds.count("remove") + kinds.count("move") == len(before)
    assert (plan.changes == ()) == (standing == [bare_row(row) for row in after])
    assert {change.name for change in plan.changes} <= {"a", "b", "default"}


def test_a_row_that_no_deployment_of_ours_wrote_has_no_name() -> None:
    standing = [bare_row(Row("x", {N: Cell("integer", 9)}, {}))]
    (change,) = plan_rows("t", table(), standing, rules_of={}).changes
    assert (change.kind, change.name) == ("remove", "a row")


@given(st.lists(ROWS, max_size=5), st.lists(ROWS, max_size=5))
def test_common_rows_are_the_longest_equal_beginning(left: list[Row], right: list[Row]) -> None:
    one, other = [bare_row(row) for row in left], [bare_row(row) for row in right]
    common = common_rows(one, other)
    assert one[:common] == other[:common]
    assert one[common : common + 1] != other[common : common + 1] or common == len(one) == len(
        other
    )
