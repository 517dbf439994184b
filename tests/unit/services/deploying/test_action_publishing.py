"""A deploy that is disturbed at any step: what it leaves behind, and that the next one ends it."""

from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel

from tieline.actions import Action, action
from tieline.client import AsyncClient
from tieline.deployments.deployed import Deployed
from tieline.emulator.app import Emulator
from tieline.errors import Error, OutcomeUnknown, StalePlan

ACTIONS = "/api/v2/integrations/actions"
URL = "https://actions.example"


class Ask(BaseModel):
    customer_id: str


class AskMore(Ask):
    note: str = ""


class Told(BaseModel):
    success: bool


def made(version: str = "1.0.0", *, more: bool = False, timeout: float = 30) -> Action:
    async def narrow(request: Ask) -> Told:
        return Told(success=True)

    async def wide(request: AskMore) -> Told:
        return Told(success=True)

    declare = action(name="custom_deployed", version=version, timeout=timeout)
    return declare(wide) if more else declare(narrow)


async def deploy(client: AsyncClient, declared: Action, url: str = URL) -> Deployed:
    deployment = client.actions.deployment(declared, url=url)
    return await deployment.apply(await deployment.plan())


async def hint_of_deploy(client: AsyncClient, declared: Action, url: str) -> str:
    """What a deploy says that fails, nothing where it does not."""
    try:
        await deploy(client, declared, url)
    except Error as error:
        return error.hint
    return ""


@dataclass(frozen=True)
class Story:
    """What stood before, and what is deployed."""

    before: Action | None
    after: Action
    change: str
    url: str = URL


STORIES = {
    "create": Story(None, made(), "create"),
    "update": Story(made(), made(), "update", url="https://other.example"),
    "new version": Story(made(), made("1.1.0"), "update", url="https://other.example"),
    "replace": Story(made(), made("2.0.0", more=True), "replace"),
}
CREATES = [
    ("POST", "/api/v2/integrations"),
    ("PATCH", "/api/v2/integrations/{}"),
    ("POST", f"{ACTIONS}/drafts"),
]
UPDATES = [("POST", f"{ACTIONS}/{{}}/draft")]
FINISHES = [
    ("GET", f"{ACTIONS}/{{}}/draft"),
    ("PATCH", f"{ACTIONS}/{{}}/draft"),
    ("GET", f"{ACTIONS}/{{}}/draft/validation"),
    ("POST", f"{ACTIONS}/{{}}/draft/publish"),
]
REPLACES = [("POST", f"{ACTIONS}/drafts"), ("GET", f"{ACTIONS}/{{}}"), ("PATCH", f"{ACTIONS}/{{}}")]
STEPS = (
    [("create", *step) for step in CREATES + FINISHES]
    + [("update", *step) for step in UPDATES + FINISHES]
    + [("new version", *step) for step in UPDATES + FINISHES]
    + [("replace", *step) for step in REPLACES + FINISHES]
)
FAULTS: dict[str, dict[str, Any]] = {
    "400": {"kind": "status", "status": 400},
    "409": {"kind": "status", "status": 409},
    "500": {"kind": "status", "status": 500},
    "request lost": {"kind": "drop_after_read"},
    "answer lost": {"kind": "drop_after_commit"},
    "garbage": {"kind": "garbage"},
}


def standing(emulator: Emulator) -> tuple[list[Any], list[Any], list[Any]]:
    """Actions of our name, drafts, and integrations made by a deploy."""
    state = emulator.dump_state()
    return (
        [each for each in state["actions"] if each["name"].startswith("custom_deployed")],
        state["action_drafts"],
        [each for each in state["integrations"] if each["name"] == "Tieline actions"],
    )


@pytest.mark.parametrize("disturbance", FAULTS)
@pytest.mark.parametrize(("story", "method", "path"), STEPS)
async def test_a_deploy_disturbed_at_any_step_is_ended_by_the_next_one(
    tieline_emulator: Emulator,
    tieline_async_client: AsyncClient,
    *,
    story: str,
    method: str,
    path: str,
    disturbance: str,
) -> None:
    told = STORIES[story]
    if told.before is not None:
        await deploy(tieline_async_client, told.before)
    tieline_emulator.add_fault(
        {"match": {"method": method, "path": path}, "calls": [1], "do": FAULTS[disturbance]}
    )

    hint = await hint_of_deploy(tieline_async_client, told.after, told.url)
    left = standing(tieline_emulator)[1]
    tieline_emulator.faults.clear()
    ended = await deploy(tieline_async_client, told.after, told.url)
    again = await deploy(tieline_async_client, told.after, told.url)

    actions, drafts, integrations = standing(tieline_emulator)
    assert not left or "run the same deploy again" in hint
    ours = [each for each in actions if each["name"] == "custom_deployed"]
    assert again.change == "none"
    assert [each["id"] for each in ours] == [ended.action_id] == [again.action_id]
    assert ours[0]["config"]["request"]["headers"]["X-Tieline-Action"].endswith(told.after.version)
    assert told.url in ours[0]["config"]["request"]["requestUrlTemplate"]
    assert len(actions) == (2 if story == "replace" else 1)
    assert drafts == []
    assert [each["intendedState"] for each in integrations] == ["ENABLED"]


def fault(method: str, path: str, status: int) -> dict[str, Any]:
    return {"match": {"method": method, "path": path}, "do": {"kind": "status", "status": status}}


async def test_a_draft_that_cannot_be_removed_is_said_to_stay(
    tieline_emulator: Emulator, tieline_async_client: AsyncClient
) -> None:
    tieline_emulator.add_fault(fault("PATCH", f"{ACTIONS}/{{}}/draft", 400))
    tieline_emulator.add_fault(fault("DELETE", f"{ACTIONS}/{{}}/draft", 500))

    hint = await hint_of_deploy(tieline_async_client, made(), URL)

    (draft,) = standing(tieline_emulator)[1]
    assert draft["id"] in hint
    assert "run the same deploy again" in hint


async def test_a_draft_that_is_gone_by_itself_is_no_second_error(
    tieline_emulator: Emulator, tieline_async_client: AsyncClient
) -> None:
    tieline_emulator.add_fault(fault("PATCH", f"{ACTIONS}/{{}}/draft", 400))
    tieline_emulator.add_fault(fault("DELETE", f"{ACTIONS}/{{}}/draft", 404))

    assert "no draft is left" in await hint_of_deploy(tieline_async_client, made(), URL)


async def test_somebody_elses_change_of_the_draft_is_a_stale_plan(
    tieline_emulator: Emulator, tieline_async_client: AsyncClient
) -> None:
    tieline_emulator.add_fault(fault("POST", f"{ACTIONS}/{{}}/draft/publish", 409))

    with pytest.raises(StalePlan, match="meanwhile") as refused:
        await deploy(tieline_async_client, made())

    assert "the draft of this deploy was removed" in refused.value.hint
    assert standing(tieline_emulator)[:2] == ([], [])


async def test_a_plan_of_another_state_changes_nothing(
    tieline_emulator: Emulator, tieline_async_client: AsyncClient
) -> None:
    late = tieline_async_client.actions.deployment(made("1.1.0"), url=URL)
    plan = await late.plan()
    await deploy(tieline_async_client, made())
    before = standing(tieline_emulator)

    with pytest.raises(StalePlan):
        await late.apply(plan)

    assert standing(tieline_emulator) == before


async def test_an_unpublished_draft_takes_the_contract_of_the_deploy_that_goes_on(
    tieline_emulator: Emulator, tieline_async_client: AsyncClient
) -> None:
    lost = {"match": {"method": "POST", "path": f"{ACTIONS}/drafts"},
            "calls": [1], "do": {"kind": "drop_after_commit"}}  # fmt: skip
    tieline_emulator.add_fault(lost)
    with pytest.raises(OutcomeUnknown):
        await deploy(tieline_async_client, made())

    await deploy(tieline_async_client, made(more=True))

    (published,) = standing(tieline_emulator)[0]
    assert set(published["inputSchema"]["properties"]) == {"customer_id", "note"}


async def test_a_draft_for_a_change_that_was_taken_back_is_cleared_away(
    tieline_emulator: Emulator, tieline_async_client: AsyncClient
) -> None:
    await deploy(tieline_async_client, made())
    tieline_emulator.add_fault(fault("PATCH", f"{ACTIONS}/{{}}/draft", 502))
    with pytest.raises(OutcomeUnknown):
        await deploy(tieline_async_client, made(), "https://other.example")
    tieline_emulator.faults.clear()

    ended = await deploy(tieline_async_client, made())

    assert ended.change == "finish"
    assert standing(tieline_emulator)[1] == []


async def test_an_integration_that_somebody_disabled_stays_disabled(
    tieline_emulator: Emulator, tieline_async_client: AsyncClient
) -> None:
    await deploy(tieline_async_client, made())
    (integration,) = standing(tieline_emulator)[2]
    tieline_emulator.world.integrations.integrations.get(integration["id"])["intendedState"] = (
        "DISABLED"
    )

    await deploy(tieline_async_client, made("1.1.0"), "https://other.example")

    assert standing(tieline_emulator)[2][0]["intendedState"] == "DISABLED"


async def test_a_new_integration_that_is_not_known_everywhere_yet_is_waited_for(
    tieline_emulator: Emulator, tieline_async_client: AsyncClient
) -> None:
    tieline_emulator.add_fault({**fault("POST", f"{ACTIONS}/drafts", 400), "calls": [1, 2]})

    assert (await deploy(tieline_async_client, made())).change == "create"
