"""Rules of many rows: one CSV file, through faults and kill -9 at every step of its import."""

from pathlib import Path
from typing import Any

import pytest
from deploying_place import FAULTS, Place

from tieline.errors import Conflict, InvalidInput

ROWS = 160
TABLE = "/api/v2/businessrules/decisiontables/{}"
STEPS = [
    ("GET", f"{TABLE}/imports"),
    ("POST", f"{TABLE}/exports"),
    ("GET", f"{TABLE}/exports/{{}}"),
    ("GET", "/api/v2/downloads/{}"),
    ("GET", "/files/decision-tables/{}"),
    ("POST", f"{TABLE}/imports"),
    ("PUT", "/uploads/decision-tables/{}"),
    ("GET", f"{TABLE}/imports/{{}}"),
]


def rules(first: int = 0, *, rows: int = ROWS, city: str = "Bath") -> str:
    """Rules of a row each, and a default."""
    each = "".join(
        f"  - name: rule {number}\n"
        f'    when: n eq {number} and city eq "{city}, {number}"\n'
        "    then: {queue: Technical Support}\n"
        for number in range(first, first + rows)
    )
    return (
        "ruleset: many\nqueue: Technical Support\nfields:\n"
        "  n: {type: integer, minimum: 0, maximum: 9999}\n  city: {type: string}\n"
        f"rules:\n{each}default: {{queue: General}}\n"
    )


@pytest.fixture
def many(place: Place) -> Place:
    place.api = "platform"
    place.file.write_text(rules())
    return place


def rows_of(place: Place) -> list[list[Any]]:
    """The rows of each version of the only table: how many, and the number in the first."""
    (table,) = place.control("GET", "state")["decision_tables"]
    found = []
    for version in table["versions"]:
        cells = [cell["literal"] for row in version["rows"][:1] for cell in row["inputs"].values()]
        numbers = [cell["integer"] for cell in cells if "integer" in cell]
        found.append([version["end"], len(version["rows"]), *numbers])
    return found


def test_many_rows_arrive_as_one_file_and_a_changed_file_replaces_them(many: Place) -> None:
    many.apply()
    assert rows_of(many) == [["Published", ROWS + 1, 0]]
    assert many.changes().count("table_rows.bulk_add") == 1  # the default's wildcard
    many.file.write_text(rules(500))
    many.apply()
    assert rows_of(many) == [["Superseded", ROWS + 1, 0], ["Published", ROWS + 1, 500]]
    assert many.changes().count("table_imports.upload") == 2
    many.rollback()
    assert rows_of(many)[0] == ["Published", ROWS + 1, 0]


def test_few_rows_and_rows_that_a_file_cannot_say_for_certain_go_by_calls(many: Place) -> None:
    many.file.write_text(rules(rows=100))
    many.apply()
    many.file.write_text(rules(city=r"Bath\\Spa"))
    many.apply()
    assert "table_imports.create" not in many.changes()
    assert many.status().pending == 0


def test_a_template_with_other_titles_is_not_written_after(many: Place) -> None:
    def strange(request: Any) -> None:
        if request.operation.name == "table_exports.create":
            with many.state_changed() as state:
                for job in state["decision_table_exports"]:
                    job["text"] = "Identifier,When,Where,Whither\r\n"

    many.apply(heard=strange)
    assert rows_of(many) == [["Published", ROWS + 1, 0]]
    assert "table_imports.create" not in many.changes()
    facts = many.status().history.standing.facts
    assert "titles" in facts["not_imported"]


def test_rows_that_the_platform_refuses_are_told_by_rule_and_line(many: Place) -> None:
    queues = many.control("GET", "state")["queues"]
    lost = {"id": "11111111-2222-4333-8444-555555555555", "name": "Lost"}

    def forget(request: Any) -> None:
        if request.operation.name == "table_imports.create":
            with many.state_changed() as state:
                state["queues"] = queues

    with many.state_changed() as state:
        state["queues"] = [*queues, {**queues[0], **lost}]
    text = many.file.read_text()
    at = text.index("  - name: rule 7\n")
    later = text[at:].replace("Technical Support", "Lost", 1)
    many.file.write_text(text[:at] + later)
    line = text[:at].count("\n") + 1
    with pytest.raises(InvalidInput, match=rf"line {line}: `rule 7`, row 8: ") as refused:
        many.apply(heard=forget)
    assert "nothing that it made is left" in refused.value.message
    assert refused.value.details[0]["rule"] == "rule 7"
    assert many.standing() == (0, [])


def slow_imports(many: Place) -> Any:
    """Imports that never end, while exports do."""
    many.settings(decision_table_job_seconds=3_000.0)

    def exported(request: Any) -> None:
        if request.operation.name == "table_exports.create":
            with many.state_changed() as state:
                for job in state["decision_table_exports"]:
                    job["seconds"] = [0.0]

    return exported


@pytest.mark.parametrize("operation", ["table_imports.create", "table_imports.get"])
def test_an_import_that_somebody_cancels_ends_the_deployment(many: Place, operation: str) -> None:
    many.apply()
    exported = slow_imports(many)

    def cancel(request: Any) -> None:
        exported(request)
        if request.operation.name == operation:
            with many.state_changed() as state:
                state["decision_table_imports"][-1]["status"] = "Cancelled"

    many.file.write_text(rules(500))
    with pytest.raises(Conflict, match=r"cancelled by somebody.*version 1 executes as before"):
        many.apply(heard=cancel)
    assert rows_of(many) == [["Published", ROWS + 1, 0]]


def test_an_import_that_does_not_end_is_cancelled_and_the_rows_go_by_calls(many: Place) -> None:
    many.apply(heard=slow_imports(many))
    assert rows_of(many) == [["Published", ROWS + 1, 0]]
    (job,) = many.control("GET", "state")["decision_table_imports"]
    assert job["status"] == "Cancelled"
    assert "Processing" in many.status().history.standing.facts["not_imported"]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step[0]} {step[1].rpartition('/')[2]}")
def test_a_fault_at_any_step_of_an_import_leaves_the_rows_whole_and_no_file_under_way(
    many: Place, tmp_path: Path, step: tuple[str, str]
) -> None:
    for number, fault in enumerate(FAULTS):
        many.reset()
        many.folder = tmp_path / str(number)
        many.folder.mkdir()
        many.file.write_text(rules())
        many.fault(*step, fault)
        failed = many.failure()
        if failed is None:
            assert rows_of(many) == [["Published", ROWS + 1, 0]], fault
        else:
            assert many.standing() == (0, []), (fault, failed)
        jobs = many.control("GET", "state")["decision_table_imports"]
        assert not [job for job in jobs if job["status"] in ("Uploading", "Processing")], fault


@pytest.mark.parametrize("recovery", ["apply", "rollback"])
def test_killed_at_every_edge_of_an_import_the_rows_end_whole_or_as_they_were(
    many: Place, lives: Any, tmp_path: Path, recovery: str
) -> None:
    edges = lives(many, 0)["edges"]
    first = edges.index("step import rows before")
    last = edges.index("step import rows after")
    assert {"table_exports.create", "table_imports.create", "table_imports.file"} <= set(
        edges[first:last]
    )
    for edge in range(first, last + 1):
        many.reset()
        many.folder = tmp_path / str(edge)
        many.folder.mkdir()
        many.file.write_text(rules())
        assert lives(many, edge + 1)["killed"]
        if recovery == "apply":
            many.apply()
            assert rows_of(many) == [["Published", ROWS + 1, 0]], edges[edge]
        else:
            many.rollback()
            assert many.standing() == (0, []), edges[edge]
        jobs = many.control("GET", "state")["decision_table_imports"]
        assert not [job for job in jobs if job["status"] == "Processing"], edges[edge]
        assert many.status().state == ("deployed" if recovery == "apply" else "none")
