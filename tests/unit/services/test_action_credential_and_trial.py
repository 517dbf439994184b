"""Two steps of a deploy that are taken only when asked for: the credential, and the trial run.

A deploy that is disturbed at either leaves nothing half-done unsaid, and the next one ends it.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import BaseModel
from scripted_server import Server, answers, serving

from tieline.actions import Action, action
from tieline.client import AsyncClient
from tieline.deployments.deployed import Deployed
from tieline.emulator.app import Emulator
from tieline.errors import Error, InvalidInput, OutcomeUnknown

ACTIONS = "/api/v2/integrations/actions"
CONFIG = "/api/v2/integrations/{}/config/current"
TRIAL = f"{ACTIONS}/{{}}/draft/test"
NAME = "custom_tried"
SAMPLE = {"customer_id": "cust_1"}
FAULTS: dict[str, dict[str, Any]] = {
    "400": {"kind": "status", "status": 400},
    "403": {"kind": "status", "status": 403},
    "409": {"kind": "status", "status": 409},
    "500": {"kind": "status", "status": 500},
    "request lost": {"kind": "drop_after_read"},
    "answer lost": {"kind": "drop_after_commit"},
    "garbage": {"kind": "garbage"},
}
STEPS = [("GET", CONFIG), ("PUT", CONFIG), ("POST", TRIAL)]


class Ask(BaseModel):
    customer_id: str


class Told(BaseModel):
    success: bool


def made(version: str = "1.0.0") -> Action:
    @action(name=NAME, version=version)
    async def handler(request: Ask) -> Told:
        return Told(success=True)

    return handler


@pytest.fixture
async def credential(tieline_emulator: Emulator) -> str:
    kept = tieline_emulator.world.integrations.credentials.put(
        {"id": "cred-1", "type": {"name": "userDefined"}, "credentialFields": {"apiKey": "k"}}
    )
    return str(kept["id"])


@pytest.fixture
async def service(tieline_emulator: Emulator) -> AsyncIterator[Server]:
    async with serving(answers(200, {"success": True})) as server:
        tieline_emulator.world.handlers[NAME] = server.url
        yield server


async def deploy(client: AsyncClient, declared: Action, credential: str) -> Deployed:
    deployment = client.actions.deployment(
        declared, url="https://actions.example", credential=credential
    )
    return await deployment.apply(await deployment.plan(), test=SAMPLE)


def standing(emulator: Emulator) -> tuple[list[str], list[Any]]:
    """Versions published under our name, and drafts."""
    state = emulator.dump_state()
    ours = [each for each in state["actions"] if each["name"] == NAME]
    versions = [each["config"]["request"]["headers"]["X-Tieline-Action"] for each in ours]
    return versions, state["action_drafts"]


def referred(emulator: Emulator) -> list[str]:
    """The credentials that the deploy's integration uses."""
    integrations = emulator.dump_state()["integrations"]
    ours = [each for each in integrations if each["name"] == "Tieline actions"]
    return [slot["id"] for each in ours for slot in each["emulator"]["credentials"].values()]


@pytest.mark.parametrize("disturbance", FAULTS)
@pytest.mark.parametrize(("method", "path"), STEPS)
async def test_a_deploy_disturbed_there_is_ended_by_the_next_one(
    tieline_emulator: Emulator,
    tieline_async_client: AsyncClient,
    *,
    credential: str,
    service: Server,
    method: str,
    path: str,
    disturbance: str,
) -> None:
    tieline_emulator.add_fault(
        {"match": {"method": method, "path": path}, "calls": [1], "do": FAULTS[disturbance]}
    )

    hint = ""
    try:
        await deploy(tieline_async_client, made(), credential)
    except Error as error:
        hint = error.hint
    versions, drafts = standing(tieline_emulator)
    assert tieline_emulator.faults.rules[0].seen > 0
    assert not drafts or "run the same deploy again" in hint
    tieline_emulator.faults.clear()
    ended = await deploy(tieline_async_client, made(), credential)
    again = await deploy(tieline_async_client, made(), credential)

    assert len(versions) <= 1
    assert again.change == "none"
    assert again.action_id == ended.action_id
    assert standing(tieline_emulator) == ([f"{NAME}@1.0.0"], [])
    assert referred(tieline_emulator) == [credential]
    assert service.calls


async def test_a_trial_that_fails_publishes_nothing_and_says_at_which_step(
    tieline_emulator: Emulator, tieline_async_client: AsyncClient, credential: str, service: Server
) -> None:
    service.script = [answers(200, {"success": "perhaps"})]

    with pytest.raises(InvalidInput, match="Validate output against schema") as refused:
        await deploy(tieline_async_client, made(), credential)

    assert "the draft of this deploy was removed" in refused.value.hint
    assert standing(tieline_emulator) == ([], [])


async def test_a_trial_that_fails_leaves_what_was_published_before(
    tieline_emulator: Emulator, tieline_async_client: AsyncClient, credential: str, service: Server
) -> None:
    await deploy(tieline_async_client, made(), credential)
    service.script = [answers(500, {"message": "down"})]

    with pytest.raises(InvalidInput, match="Execute"):
        await deploy(tieline_async_client, made("1.1.0"), credential)

    assert standing(tieline_emulator) == ([f"{NAME}@1.0.0"], [])


async def test_a_trial_whose_answer_is_lost_is_not_run_again_by_the_same_deploy(
    tieline_emulator: Emulator, tieline_async_client: AsyncClient, credential: str, service: Server
) -> None:
    tieline_emulator.add_fault(
        {"match": {"method": "POST", "path": TRIAL}, "do": {"kind": "drop_after_commit"}}
    )

    with pytest.raises(OutcomeUnknown) as unknown:
        await deploy(tieline_async_client, made(), credential)

    assert len(service.calls) == 1
    assert "run the same deploy again" in unknown.value.hint
    assert standing(tieline_emulator)[0] == []


async def test_another_credential_replaces_the_one_that_was_referred_to(
    tieline_emulator: Emulator, tieline_async_client: AsyncClient, credential: str, service: Server
) -> None:
    await deploy(tieline_async_client, made(), credential)
    tieline_emulator.world.integrations.credentials.put(
        {"id": "cred-2", "type": {"name": "userDefined"}, "credentialFields": {"apiKey": "k2"}}
    )

    await deploy(tieline_async_client, made(), "cred-2")

    assert referred(tieline_emulator) == ["cred-2"]
