"""Rules that need other columns than the published table has: a table beside it, if asked for."""

from pathlib import Path
from typing import Any

import pytest
from deploying_place import FAULTS, GUIDE, Place

from tieline.errors import Conflict, Unsupported

# A comparator more is a column more.
WIDER = GUIDE.replace("priority gte 5", "priority gte 5 or priority lt 1")
RETYPED = GUIDE.replace("priority: {type: integer,", "priority: {type: number,")
TABLES = "/api/v2/businessrules/decisiontables"
OLD, NEW = "technical-support", "technical-support (2)"


@pytest.fixture
def table(place: Place) -> Place:
    place.api = "platform"
    place.apply()
    place.file.write_text(WIDER)
    return place


def tables(place: Place) -> dict[str, list[str]]:
    """The states of the versions of each table, by name."""
    found = place.control("GET", "state")["decision_tables"]
    return {t["name"]: [v["end"] for v in t["versions"]] for t in found if "gone_at" not in t}


def schemas(place: Place) -> int:
    return sum(not s.get("deleted") for s in place.control("GET", "state")["rule_schemas"])


def table_id(place: Place, name: str) -> str:
    found = place.control("GET", "state")["decision_tables"]
    return next(str(t["id"]) for t in found if t["name"] == name)


def test_other_columns_are_refused_unless_a_replacement_is_asked_for(table: Place) -> None:
    with pytest.raises(Unsupported, match="no column `priority LessThan`") as refused:
        table.apply()
    assert "--replace-table" in refused.value.hint
    assert tables(table) == {OLD: ["Published"]}
    table.file.write_text(RETYPED)
    with pytest.raises(Unsupported, match="`priority` is integer there and number in the file"):
        table.apply()


def test_the_plan_of_a_replacement_says_that_flows_go_on_using_the_old_table(
    table: Place,
) -> None:
    with table.client() as client:
        planned = client.rules.plan(table.file, replace_table=True)
    told = planned.to_json()
    assert told["target"] == f"decision table {NEW}"
    assert told["changes"][0]["before"] == {"id": table_id(table, OLD), "name": OLD}
    replaces, flows = told["notes"]
    assert replaces.startswith(f"REPLACES the decision table {OLD} ({table_id(table, OLD)}): ")
    assert flows.startswith(f"FLOWS GO ON USING {OLD}")
    assert tables(table) == {OLD: ["Published"]}


def test_a_replacement_stands_beside_the_old_table_and_goes_with_a_rollback(table: Place) -> None:
    done = table.apply(replace_table=True)
    assert tables(table) == {OLD: ["Published"], NEW: ["Published"]}
    assert done.facts["table"] == table_id(table, NEW)
    assert (done.facts["name"], done.facts["replaces"]) == (NEW, table_id(table, OLD))
    assert table.status().pending == 0
    assert table.apply().change == "none"

    table.rollback()
    assert tables(table) == {OLD: ["Published"]}
    assert schemas(table) == 1
    found = table.status()
    assert found.state == "deployed"
    assert found.history.standing.facts["table"] == table_id(table, OLD)
    table.rollback()
    assert (tables(table), schemas(table)) == ({}, 0)


def test_any_machine_finds_the_replacement_and_goes_on_from_it(table: Place) -> None:
    table.apply(replace_table=True)
    elsewhere = Place(table.address, table.folder / "elsewhere", "platform")
    elsewhere.folder.mkdir()
    elsewhere.file.write_text(WIDER.replace("priority lt 1", "priority lt 2"))
    elsewhere.apply()
    assert tables(table) == {OLD: ["Published"], NEW: ["Superseded", "Published"]}
    elsewhere.file.write_text(RETYPED)
    elsewhere.apply(replace_table=True)
    assert tables(table)["technical-support (3)"] == ["Published"]
    assert elsewhere.status().pending == 0


def test_a_name_that_is_taken_is_not_used(table: Place) -> None:
    with table.state_changed() as state:
        other = {**state["decision_tables"][0], "id": "1b0f3c52-0000-4000-8000-000000000001"}
        state["decision_tables"].append({**other, "name": NEW, "description": "by hand"})
    table.apply(replace_table=True)
    assert list(tables(table)) == [OLD, NEW, "technical-support (3)"]


def test_a_column_whose_empty_cells_mean_something_is_not_relied_upon(table: Place) -> None:
    table.file.write_text(GUIDE.replace("priority gte 5", "priority gte 6"))
    with table.state_changed() as state:
        column = state["decision_tables"][0]["columns"]["inputs"][0]
        column["defaultsTo"] = {"special": "Null"}
    with pytest.raises(Unsupported, match=r"an empty cell of the column .* has a value"):
        table.apply()


def test_a_replacement_that_is_cut_off_is_not_mixed_with_another_deployment(
    table: Place, lives: Any
) -> None:
    edges = lives(table, 0, replace_table=True)["edges"]
    table.rollback()
    assert lives(table, edges.index("step rows before") + 1, replace_table=True)["killed"]
    table.file.write_text(GUIDE.replace("priority gte 5", "priority gte 6"))
    with pytest.raises(Conflict, match=r"a deployment to technical-support \(2\) was cut off"):
        table.apply()
    assert "was cut off" in table.status().problem
    table.rollback()
    table.apply()
    assert tables(table) == {OLD: ["Superseded", "Published"]}


@pytest.mark.parametrize(
    "step", [("POST", "/api/v2/businessrules/schemas"), ("POST", TABLES),
             ("PUT", f"{TABLES}/{{}}/versions/{{}}/publish")],
    ids=lambda step: step[1].rpartition("/")[2],
)  # fmt: skip
def test_a_fault_leaves_the_old_table_as_it_was_and_at_most_one_beside_it(
    table: Place, tmp_path: Path, step: tuple[str, str]
) -> None:
    for number, fault in enumerate(FAULTS):
        table.reset()
        table.folder = tmp_path / str(number)
        table.folder.mkdir()
        table.file.write_text(GUIDE)
        table.apply()
        table.file.write_text(WIDER)
        table.fault(*step, fault)
        failed = table.failure(replace_table=True)
        if failed is None:
            assert (len(tables(table)), schemas(table)) == (2, 2), fault
        else:
            assert f"{table_id(table, OLD)}, is as it was" in failed, fault
            assert (tables(table), schemas(table)) == ({OLD: ["Published"]}, 1), fault


@pytest.mark.parametrize("recovery", ["apply", "rollback"])
def test_killed_at_every_edge_there_is_one_replacement_or_none(
    table: Place, lives: Any, tmp_path: Path, recovery: str
) -> None:
    edge, killed = 1, True
    while killed:
        table.reset()
        table.folder = tmp_path / str(edge)
        table.folder.mkdir()
        table.file.write_text(GUIDE)
        table.apply()
        table.file.write_text(WIDER)
        killed = lives(table, edge, replace_table=True)["killed"]
        unfinished = table.status().state != "deployed"
        if recovery == "apply" and unfinished:
            table.apply()  # what was begun is gone on with, without being asked for again
            assert tables(table) == {OLD: ["Published"], NEW: ["Published"]}, edge
            assert schemas(table) == 2
        elif unfinished:
            table.rollback()
            assert (tables(table), schemas(table)) == ({OLD: ["Published"]}, 1), edge
        assert table.status().state == "deployed"
        edge += 1
    assert edge > 20
