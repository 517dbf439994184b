from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.contracts.templates import hosted_action_config
from tieline.deployments.action_plan import (
    DesiredAction,
    StandingAction,
    next_version,
    plan_in_registry,
    plan_on_platform,
    registered_definition,
)
from tieline.deployments.plan import differences
from tieline.errors import Conflict, StalePlan

INPUT = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
WIDER = {**INPUT, "properties": {**INPUT["properties"], "note": {"type": "string"}}}  # type: ignore[dict-item]
OUTPUT = {"type": "object", "properties": {"ok": {"type": "boolean"}}}


def desired(version: str = "1.0.0", *, given: dict[str, Any] = INPUT) -> DesiredAction:
    config = hosted_action_config(
        url="https://host.example", name="custom_a", version=version, timeout_s=30
    )
    return DesiredAction("custom_a", version, "An action", given, OUTPUT, config, "Tieline")


def standing(of: DesiredAction) -> StandingAction:
    return StandingAction("i1", "a1", 3, of.category, of.input_schema, of.output_schema, of.config)


def test_nothing_there_is_a_create() -> None:
    plan = plan_on_platform(desired(), StandingAction())

    assert plan.change == "create"
    assert "contract.input.type" in [difference.path for difference in plan.differences]


def test_the_same_again_changes_nothing() -> None:
    plan = plan_on_platform(desired(), standing(desired()))

    assert plan.change == "none"
    assert plan.differences == ()


def test_another_configuration_is_an_update_in_place() -> None:
    changed = replace(desired(), category="Elsewhere")

    assert plan_on_platform(changed, standing(desired())).change == "update"


def test_another_contract_under_a_new_version_replaces_the_action() -> None:
    assert plan_on_platform(desired("2.0.0", given=WIDER), standing(desired())).change == "replace"


def test_another_contract_under_the_published_version_is_refused_with_the_next_one() -> None:
    with pytest.raises(Conflict) as refused:
        plan_on_platform(desired(given=WIDER), standing(desired()))
    assert "1.1.0" in refused.value.hint


def test_our_own_unfinished_draft_is_taken_up_and_a_strangers_is_not() -> None:
    ours = replace(standing(desired()), draft_id="a1", draft_of="custom_a@1.0.0")
    strangers = replace(ours, draft_of=None)

    assert plan_on_platform(desired(), ours).resumes
    with pytest.raises(Conflict, match="did not make"):
        plan_on_platform(desired(), strangers)


def test_a_plan_is_stale_as_soon_as_anything_it_read_has_changed() -> None:
    before = standing(desired())
    plan = plan_on_platform(desired(), before)

    plan.check_fresh(before.base())
    for after in (replace(before, lock=4), replace(before, category="x"),
                  replace(before, draft_id="d")):  # fmt: skip
        with pytest.raises(StalePlan):
            plan.check_fresh(after.base())


def test_a_registered_version_is_never_registered_again() -> None:
    revision = {"id": "x", "actionDefinition": registered_definition(desired())}

    assert plan_in_registry(desired(), []).change == "create"
    assert plan_in_registry(desired(), [{**revision, "version": "1.0.0"}]).change == "none"
    assert plan_in_registry(desired("1.1.0"), [{**revision, "version": "1.0.0"}]).change == "update"
    with pytest.raises(Conflict):
        plan_in_registry(desired(given=WIDER), [{**revision, "version": "1.0.0"}])


def test_the_next_version_is_minor_only_when_old_inputs_stay_valid() -> None:
    assert next_version("1.2.3", INPUT, WIDER) == "1.3.0"
    assert next_version("1.2.3", WIDER, INPUT) == "2.0.0"
    assert next_version("1.2.3", INPUT, {**INPUT, "required": ["id", "note"]}) == "2.0.0"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(JSON, JSON)
def test_values_differ_somewhere_exactly_when_they_are_not_equal(left: Any, right: Any) -> None:
    assert bool(differences(left, right)) == (left != right)
    assert differences(left, left) == ()
