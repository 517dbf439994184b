"""The catalogue of events is one: records, schema and reference page say the same."""

import json
from typing import Any, get_args, get_type_hints

import pytest
import reference_pages

import generate_event_schema
from tieline.calls.event_catalogue import (
    CATALOGUE,
    DeploymentEnded,
    OutcomeRecorded,
    RuleVerified,
    RunEnded,
    RunItemEnded,
    Told,
    event_schema,
)
from tieline.contracts.validation import Schema

SAMPLES: list[Told] = [
    OutcomeRecorded("flows.launch", "completed", "6241ce5653df9c40:1", result={"a": [1, None]}),
    OutcomeRecorded("actions.draft.create", "refused", "6241ce5653df9c40:3", attempts=1),
    RunEnded("r1", "done", 3, 0, 0, 2, 1, 0),
    RunItemEnded("r1", 7, "uncertain", "uncertain"),
    DeploymentEnded("function", "applied", "Enrich", "default", "3f1a", "9d2f", "update"),
    DeploymentEnded("rules", "rolled_back", "technical-support", "default", version="dep_1"),
    DeploymentEnded("action", "failed", "lookup", "default", error={"code": "X", "message": "y"}),
    RuleVerified("r-1", True, 4, 0.012, {"value": None, "reason": "no history"}, {"profile": "p"}),
]
AT = "2026-01-31T12:00:00.000Z"
SCHEMA = Schema(event_schema())


@pytest.mark.parametrize("event", SAMPLES, ids=lambda event: event.type)
def test_an_events_document_fits_the_published_schema(event: Told) -> None:
    document = event.document(AT)

    assert SCHEMA.violations(document) == ()
    assert document.get("type", document.get("event")) == event.type
    assert SCHEMA.violations({**document, "unknown": 1}) != ()


def test_every_family_has_a_sample() -> None:
    assert {type(event) for event in SAMPLES} == set(CATALOGUE)


def test_the_schema_is_what_the_records_say() -> None:
    made = json.dumps(generate_event_schema.schema(), indent=1, ensure_ascii=False) + "\n"

    assert generate_event_schema.PATH.read_text("utf-8") == made, "run `make generate`"


@pytest.mark.parametrize("family", CATALOGUE, ids=lambda family: family.TYPE)
def test_the_reference_page_lists_a_family_with_all_its_fields(family: Any) -> None:
    page = reference_pages.pages()["reference/webhook-events.md"]
    section = page.split(f"## `{family.TYPE}`")[1].split("\n## ")[0]

    members = event_schema()["$defs"][family.__name__]["properties"]
    for name in members.get("data", {"properties": members})["properties"]:
        assert f"| `{name}` |" in section


@pytest.mark.parametrize("family", CATALOGUE, ids=lambda family: family.TYPE)
def test_every_field_says_what_it_holds(family: Any) -> None:
    hints = get_type_hints(family, include_extras=True)
    described = {name: get_args(hint) for name, hint in hints.items() if name != "TYPE"}

    assert all(len(parts) > 1 and len(parts[1]) > 5 for parts in described.values())
