from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tieline.contracts.derive import schema_of
from tieline.contracts.flatten import flatten
from tieline.contracts.interaction import InteractionPayload
from tieline.contracts.modelling import models_source
from tieline.contracts.restrictions import platform_restrictions, require_allowed
from tieline.contracts.validation import Schema
from tieline.errors import InvalidInput


class Place(BaseModel):
    city: str = Field(min_length=1, max_length=20)
    floor: int | None = None


class Visit(BaseModel):
    model_config = ConfigDict(extra="forbid")

    place: Place
    kind: Literal["new", "again"] = "new"
    score: float = Field(gt=0, le=10)
    labels: list[str] = Field(default_factory=list, max_length=3)
    free: dict[str, Any] | None = None


class Reply(BaseModel):
    ok: bool
    note: str | None = None


class Node(BaseModel):
    child: "Node | None" = None


def test_the_schema_is_draft_4_without_references() -> None:
    schema = schema_of(Visit, direction="input")

    assert schema["$schema"] == "http://json-schema.org/draft-04/schema#"
    assert "$ref" not in str(schema)
    assert "$defs" not in schema
    assert schema["properties"]["place"]["properties"]["floor"]["type"] == ["integer", "null"]
    assert schema["properties"]["score"]["minimum"] == 0
    assert schema["properties"]["score"]["exclusiveMinimum"] is True
    assert schema["additionalProperties"] is False


def test_a_model_that_refers_to_itself_has_no_contract() -> None:
    with pytest.raises(InvalidInput, match="refers to itself"):
        schema_of(Node, direction="input")


def test_a_nested_input_is_refused_by_the_platform_with_the_field_and_the_fix() -> None:
    found = platform_restrictions(
        schema_of(Visit, direction="input"), schema_of(Reply, direction="output")
    )

    assert [(each.field, each.rule) for each in found] == [
        ("input.place", "not-scalar"),
        ("input.labels", "not-scalar"),
        ("input.free", "not-scalar"),
    ]
    assert all("flatten" in each.fix for each in found)


OUTPUT = schema_of(Reply, direction="output")
FORBIDDEN: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("reserved", {"type": "object", "properties": {"orgId": {"type": "string"}}}, OUTPUT,
     "reserved-name"),
    ("digit first", {"type": "object", "properties": {"1a": {"type": "string"}}}, OUTPUT, "name"),
    ("a dot", {"type": "object", "properties": {"a.b": {"type": "string"}}}, OUTPUT, "name"),
    ("root array", {"type": "array"}, OUTPUT, "root-not-object"),
    ("reference", {"type": "object", "properties": {}, "definitions": {"$ref": "#/x"}}, OUTPUT,
     "ref"),
    ("output scalar", {"type": "object"}, {"type": "string"}, "root-not-object"),
    ("output array of nothing", {"type": "object"}, {"type": "array"}, "no-items"),
    ("array in array", {"type": "object"},
     {"type": "array", "items": {"type": "array", "items": {"type": "string"}}}, "nested-array"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given_input", "given_output", "rule"),
    [row[1:] for row in FORBIDDEN],
    ids=[row[0] for row in FORBIDDEN],
)
def test_what_the_platform_forbids_is_found(
    given_input: dict[str, Any], given_output: dict[str, Any], rule: str
) -> None:
    assert [r.rule for r in platform_restrictions(given_input, given_output)] == [rule]
    with pytest.raises(InvalidInput) as refused:
        require_allowed(given_input, given_output)
    assert refused.value.details[0]["type"] == rule
    assert refused.value.hint


def test_a_flattened_contract_is_allowed() -> None:
    flat = flatten(schema_of(Visit, direction="input"))

    require_allowed(flat.schema, OUTPUT)
    assert list(flat.schema["properties"]) == [
        "place_city", "place_floor", "kind", "score", "labels", "free",
    ]  # fmt: skip
    assert flat.schema["required"] == ["place_city", "score"]


def test_two_paths_with_one_flat_name_are_refused() -> None:
    schema = {
        "type": "object",
        "properties": {
            "a": {"type": "object", "properties": {"b_c": {"type": "string"}}},
            "a_b": {"type": "object", "properties": {"c": {"type": "string"}}},
        },
    }
    with pytest.raises(InvalidInput, match="a_b_c, which is taken"):
        flatten(schema)


PLACES = st.fixed_dictionaries(
    {"city": st.text(min_size=1, max_size=20)},
    optional={"floor": st.none() | st.integers(-5, 99)},
)
VISITS = st.fixed_dictionaries(
    {"place": PLACES, "score": st.integers(1, 10)},
    optional={
        "kind": st.sampled_from(["new", "again"]),
        "labels": st.lists(st.text(), max_size=3),
        "free": st.none() | st.dictionaries(st.text(), st.integers(-9, 9)),
    },
)


@given(VISITS)
def test_flattening_loses_nothing(visit: dict[str, Any]) -> None:
    flat = flatten(schema_of(Visit, direction="input"))
    carried = flat.flat(visit)

    assert Schema(flat.schema).violations(carried) == ()
    assert flat.nested(carried) == visit


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-20, 20) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(VISITS, st.sampled_from(["place", "score", "kind", "labels", "free", "x"]), JSON_VALUES)
def test_model_and_contract_accept_the_same_inputs(
    visit: dict[str, Any], name: str, value: Any
) -> None:
    changed = {**visit, name: value}
    try:
        Visit.model_validate(changed, strict=True)
    except ValidationError:
        accepted = False
    else:
        accepted = True

    assert (Schema(schema_of(Visit, direction="input")).violations(changed) == ()) == accepted


def test_a_carried_text_that_is_no_json_is_refused_by_name() -> None:
    flat = flatten(schema_of(Visit, direction="input"))

    with pytest.raises(InvalidInput, match="labels") as refused:
        flat.nested({"labels": "[1,"})
    assert refused.value.details[0]["loc"] == ["labels"]


@pytest.mark.parametrize("model", [Visit, Reply, InteractionPayload])
def test_models_printed_from_a_contract_have_that_contract(model: type[BaseModel]) -> None:
    schema = schema_of(model, direction="input")
    namespace: dict[str, Any] = {"__name__": "printed"}

    exec(compile(models_source("x-y", schema, OUTPUT), "<printed>", "exec"), namespace)  # noqa: S102  # our own output

    again = schema_of(namespace["XYRequest"], direction="input")
    assert _meaning(again) == _meaning(schema)


def _meaning(schema: Any) -> Any:
    """A schema without its titles, which the printed classes name differently."""
    if isinstance(schema, dict):
        kept = {k: v for k, v in schema.items() if k not in {"title", "description", "default"}}
        if set(kept.get("type", ())) >= {"null"} or "enum" in kept:
            kept.pop("type", None)
        return {key: _meaning(value) for key, value in kept.items()}
    return [_meaning(item) for item in schema] if isinstance(schema, list) else schema
