"""What a deploy of a function would change, and which drafts it may take up."""

from dataclasses import replace
from typing import Any

import pytest
from function_zips import GOOD

from tieline.deployments.function_definition import FunctionDefinition, read_definition
from tieline.deployments.function_package import build_package
from tieline.deployments.function_plan import (
    DesiredFunction,
    FunctionState,
    StandingFunction,
    plan_function,
)
from tieline.errors import Conflict, InvalidInput

DOCUMENT: dict[str, Any] = {
    "name": "echo",
    "input": {"type": "object", "properties": {"word": {"type": "string"}}},
    "output": {"type": "object"},
}


def desired(code: bytes = b"1", **changes: Any) -> DesiredFunction:
    definition: FunctionDefinition = read_definition({**DOCUMENT, **changes}, what="function.yaml")
    package = build_package({**GOOD, "src/more.js": code}, handler="src/index.handler")
    return DesiredFunction(definition, package, "src/index.handler")


def standing(wanted: DesiredFunction, zip_id: str = "zip-1") -> FunctionState:
    return FunctionState(
        action_id="custom_-_1",
        lock=3,
        category=wanted.definition.category,
        contract=wanted.contract(),
        headers=wanted.headers(zip_id=zip_id),
        settings={**wanted.settings(), "zipId": zip_id, "id": "custom_-_1"},
        zip_id=zip_id,
        zip_status="Available",
    )


def test_where_nothing_stands_it_is_created() -> None:
    plan = plan_function(desired(), StandingFunction())

    assert (plan.change, plan.resumes) == ("create", False)


def test_what_stands_as_it_is_written_is_left_alone() -> None:
    plan = plan_function(desired(), StandingFunction("i", True, standing(desired())))

    assert (plan.change, plan.differences) == ("none", ())


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        (desired(b"2"), "code"),
        (desired(timeout=5), "settings.timeoutSeconds"),
        (desired(description="other"), "settings.description"),
        (desired(runtime="nodejs20.x"), "settings.runtime"),
        (desired(category="Else"), "category"),
        (desired(headers={"X-Area": "se"}), "headers.X-Area"),
    ],
)
def test_each_difference_is_an_update_that_names_its_place(
    wanted: DesiredFunction, path: str
) -> None:
    plan = plan_function(wanted, StandingFunction("i", True, standing(desired())))

    assert (plan.change, [each.path for each in plan.differences]) == ("update", [path])


def test_code_that_somebody_else_uploaded_counts_as_different() -> None:
    changed = replace(standing(desired()), zip_id="zip-of-another")

    plan = plan_function(desired(), StandingFunction("i", True, changed))

    assert [(each.path, each.before) for each in plan.differences] == [("code", None)]


def test_another_contract_is_refused_because_it_is_frozen() -> None:
    wanted = desired(input={"type": "object", "properties": {"other": {"type": "string"}}})

    with pytest.raises(Conflict, match="another contract"):
        plan_function(wanted, StandingFunction("i", True, standing(desired())))


@pytest.mark.parametrize(
    "draft",
    [
        standing(desired()),
        replace(standing(desired(b"2")), zip_id=None),
        standing(desired(b"3", timeout=3)),
    ],
    ids=["an untouched copy", "of this deploy", "of another deploy that stopped"],
)
def test_a_draft_that_a_deploy_left_is_taken_up(draft: FunctionState) -> None:
    plan = plan_function(desired(b"2"), StandingFunction("i", True, standing(desired()), draft))

    assert (plan.change, plan.resumes) == ("update", True)


@pytest.mark.parametrize(
    "draft",
    [
        replace(standing(desired()), headers={}),
        replace(standing(desired()), settings={"description": "by hand"}),
        replace(standing(desired()), category="by hand"),
    ],
    ids=["made elsewhere", "settings by hand", "category by hand"],
)
def test_a_draft_of_somebody_else_is_never_taken_up(draft: FunctionState) -> None:
    with pytest.raises(Conflict, match="draft"):
        plan_function(desired(b"2"), StandingFunction("i", True, standing(desired()), draft))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"input": None}, "input"),
        ({"output": []}, "output"),
        ({"timeout": 16}, "timeout"),
        ({"timeout": True}, "timeout"),
        ({"description": "x" * 256}, "description"),
        ({"headers": {"a": 1}}, "headers"),
        ({"exclude": "tests"}, "exclude"),
        ({"colour": "red"}, "colour"),
        ({"input": {"type": "object", "properties": {"a": {"type": "array"}}}}, "a"),
    ],
)
def test_a_definition_is_refused_by_the_field_that_is_wrong(
    change: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput, match=field):
        read_definition({**DOCUMENT, **change}, what="function.yaml")
