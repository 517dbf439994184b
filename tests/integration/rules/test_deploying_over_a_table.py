"""Rules over a decision table that executes: beside it, through faults and kill -9, and back."""

from pathlib import Path
from typing import Any

import pytest
from deploying_place import FAULTS, GUIDE, Place

from tieline.errors import Error
from tieline.services.rule_deploying.source import ChecksFailed

# Another row, an option more and a wider range: the schema grows, the columns stay.
GROWN = (
    GUIDE.replace("priority gte 5", "priority gte 7")
    .replace("[en, de, fr]", "[en, de, fr, it]")
    .replace("maximum: 10", "maximum: 20")
)
TABLE = "/api/v2/businessrules/decisiontables/{}"
VERSION = f"{TABLE}/versions/{{}}"
STEPS = [
    ("PUT", "/api/v2/businessrules/schemas/{}"),
    ("POST", f"{TABLE}/versions"),
    ("POST", f"{VERSION}/sync"),
    ("POST", f"{VERSION}/rows/bulk/remove"),
    ("POST", f"{VERSION}/rows/bulk/add"),
    ("POST", f"{VERSION}/execute"),
    ("POST", f"{VERSION}/snapshot"),
    ("PUT", f"{VERSION}/publish"),
    ("POST", f"{TABLE}/execute"),
]


@pytest.fixture
def table(place: Place) -> Place:
    place.api = "platform"
    place.apply()
    place.file.write_text(GROWN)
    return place


def executing(place: Place) -> list[Any]:
    """The states of the only table's versions, and the priority that the published one asks for."""
    (found,) = place.control("GET", "state")["decision_tables"]
    published = next(v for v in found["versions"] if v["end"] == "Published")
    cells = [cell["literal"] for row in published["rows"] for cell in row["inputs"].values()]
    asked = next(cell["integer"] for cell in cells if "integer" in cell)
    return [*[v["end"] for v in found["versions"]], asked]


def properties(place: Place) -> Any:
    (schema,) = place.control("GET", "state")["rule_schemas"]
    return schema["versions"][-1]["jsonSchema"]["properties"]


def test_a_schema_grows_with_the_rules_and_the_table_stays_the_same(table: Place) -> None:
    done = table.apply()
    assert executing(table) == ["Superseded", "Published", 7]
    assert properties(table)["language"]["enum"] == ["en", "de", "fr", "it"]
    assert properties(table)["priority"]["maximum"] == 20
    assert done.facts["version"] == 2
    assert table.status().pending == 0

    table.rollback()
    assert executing(table) == ["Published", "Superseded", 5]
    table.file.write_text(GUIDE)
    assert table.status().pending == 0, "a schema with more in it is content with the old rules"
    table.apply()
    assert table.changes().count("schemas.put") == 1


def elsewhere(place: Place) -> Any:
    """Somebody sends every row elsewhere at the moment of the publish."""

    def heard(request: Any) -> None:
        if request.operation.name != "table_versions.publish":
            return
        with place.state_changed() as state:
            queue = state["queues"][-1]["id"]
            published = state["decision_tables"][0]["versions"][-1]
            for row in published["rows"]:
                row["outputs"] = {k: {"literal": {"string": queue}} for k in row["outputs"]}

    return heard


def test_a_published_version_that_decides_otherwise_is_rolled_back_at_once(table: Place) -> None:
    with pytest.raises(ChecksFailed, match="elsewhere") as refused:
        table.apply(heard=elsewhere(table))
    assert refused.value.message.endswith("version 1 executes again")
    (detail,) = refused.value.details
    assert detail["expected"] != detail["found"]
    assert executing(table) == ["Published", "Superseded", 5]
    found = table.status()
    assert (found.state, found.pending) == ("deployed", 2)
    last = found.history.deployments[-1]
    assert (last.state, last.message) == ("undone", refused.value.message)
    assert [step.name for step in last.steps][-2:] == ["canary", "roll back"]
    table.apply()
    assert executing(table)[-1] == 7


def test_a_new_table_that_decides_otherwise_is_deleted(place: Place) -> None:
    place.api = "platform"
    with pytest.raises(ChecksFailed, match="nothing that it made is left"):
        place.apply(heard=elsewhere(place))
    assert place.standing() == (0, [])
    assert place.status().state == "none"


def test_another_version_that_answers_after_the_publish_is_noticed(table: Place) -> None:
    answer = {"table": {"version": 1}, "rowExecutionOutputs": []}
    table.fault("POST", f"{TABLE}/execute", {"kind": "status", "status": 200, "body": answer})
    with pytest.raises(ChecksFailed, match="version 1 answers after version 2"):
        table.apply()
    assert executing(table) == ["Published", "Superseded", 5]


def test_a_canary_and_a_rollback_that_both_fail_are_told_and_made_up_for(table: Place) -> None:
    table.fault("POST", f"{VERSION}/rollback", {"kind": "status", "status": 500}, calls=())
    with pytest.raises(ChecksFailed, match="could not be taken back"):
        table.apply(heard=elsewhere(table))
    assert table.status().state == "incomplete"
    table.control("DELETE", "faults")
    table.rollback()
    assert executing(table) == ["Published", "Superseded", 5]
    assert table.status().state == "deployed"


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step[0]} {step[1].rpartition('/')[2]}")
def test_a_fault_at_any_step_leaves_the_old_version_or_the_new_one_executing(
    table: Place, tmp_path: Path, step: tuple[str, str]
) -> None:
    for number, fault in enumerate(FAULTS):
        table.reset()
        table.folder = tmp_path / str(number)
        table.folder.mkdir()
        table.file.write_text(GUIDE)
        table.apply()
        table.file.write_text(GROWN)
        table.fault(*step, fault)
        failed = table.failure()
        *states, asked = executing(table)
        assert asked == (7 if failed is None else 5), (fault, failed)
        assert "Draft" not in states, fault
        assert table.status().state == "deployed"
        if failed is not None:
            assert "version 1 executes" in failed, fault
        table.control("DELETE", "faults")
        table.apply()
        assert executing(table)[-1] == 7, fault


@pytest.mark.parametrize("recovery", ["apply", "rollback"])
def test_killed_at_every_edge_the_new_version_or_the_old_one_executes(
    table: Place, lives: Any, tmp_path: Path, recovery: str
) -> None:
    edge, killed = 1, True
    while killed:
        table.reset()
        table.folder = tmp_path / str(edge)
        table.folder.mkdir()
        table.file.write_text(GUIDE)
        table.apply()
        table.file.write_text(GROWN)
        killed = lives(table, edge)["killed"]
        if recovery == "apply":
            table.apply()
            assert executing(table) == ["Superseded", "Published", 7], edge
        elif table.status().state != "deployed":
            table.rollback()
            *states, asked = executing(table)
            assert (asked, "Draft" in states) == (5, False), edge
        assert table.status().state == "deployed"
        edge += 1
    assert edge > 20


def test_a_schema_that_somebody_changed_meanwhile_ends_the_deployment(table: Place) -> None:
    with table.client() as client:
        planned = client.rules.plan(table.file)
        with table.state_changed() as state:
            schema = state["rule_schemas"][0]
            schema["versions"].append({**schema["versions"][-1], "version": 2})
        with pytest.raises(Error, match="changed since the plan was made"):
            planned.apply()
    assert executing(table) == ["Published", 5]
