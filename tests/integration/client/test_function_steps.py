"""A deploy against the emulator, step by step: what it sends, repeats, refuses and leaves."""

import json
from pathlib import Path
from typing import Any

import pytest

from tieline.client import AsyncClient
from tieline.emulator.app import Emulator
from tieline.errors import (
    ApiError,
    Conflict,
    InvalidInput,
    OutcomeUnknown,
    StalePlan,
    Unsupported,
)

DEFINITION = {
    "name": "echo",
    "integration": "Echoes",
    "input": {"type": "object", "properties": {"word": {"type": "string"}}},
    "output": {"type": "object"},
}
PUBLISH = "/api/v2/integrations/actions/{}/draft/publish"
UPLOAD = "/api/v2/integrations/actions/{}/draft/function/upload"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "echo"
    (root / "src").mkdir(parents=True)
    (root / "function.json").write_text(json.dumps(DEFINITION))
    (root / "src" / "index.js").write_text("exports.handler = async (event) => event;")
    return root


async def deploy(client: AsyncClient, folder: Path) -> Any:
    deployment = client.functions.deployment(folder)
    return await deployment.apply(await deployment.plan())


def drafts(emulator: Emulator) -> int:
    return len(emulator.world.actions.drafts)


async def test_a_deployed_function_is_invoked_by_its_name(
    tieline_async_client: AsyncClient, folder: Path
) -> None:
    deployed = await deploy(tieline_async_client, folder)

    outcome = await tieline_async_client.functions.invoke("echo", {"word": "hi"})

    assert (deployed.change, outcome.status, outcome.result) == (
        "create", "completed", {"word": "hi"},
    )  # fmt: skip


async def test_a_deploy_of_the_same_again_changes_nothing(
    tieline_async_client: AsyncClient, tieline_emulator: Emulator, folder: Path
) -> None:
    await deploy(tieline_async_client, folder)
    since = len(tieline_emulator.entries())

    again = await deploy(tieline_async_client, folder)

    methods = {entry.method for entry in tieline_emulator.entries()[since:]}
    assert (again.change, methods) == ("none", {"GET"})


@pytest.mark.parametrize("status", [500, 501])
async def test_an_upload_request_too_early_after_the_draft_is_repeated(
    tieline_async_client: AsyncClient, tieline_emulator: Emulator, folder: Path, status: int
) -> None:
    match = {"method": "POST", "path": UPLOAD}
    fault = {"match": match, "calls": [1, 2], "do": {"kind": "status", "status": status}}
    tieline_emulator.add_fault(fault)

    assert (await deploy(tieline_async_client, folder)).change == "create"
    assert [entry.status for entry in tieline_emulator.entries("functions.upload")] == [
        status, status, 200,
    ]  # fmt: skip


async def test_a_zip_that_is_lost_on_its_way_is_put_again(
    tieline_async_client: AsyncClient, tieline_emulator: Emulator, folder: Path
) -> None:
    match = {"method": "PUT", "path": "/function-uploads/{}"}
    tieline_emulator.add_fault({"match": match, "calls": [1], "do": {"kind": "drop_after_commit"}})

    assert (await deploy(tieline_async_client, folder)).change == "create"
    assert len(tieline_emulator.entries("functions.upload_zip")) == 2


async def test_a_lost_answer_to_the_publication_is_told_and_settled_by_the_next_deploy(
    tieline_async_client: AsyncClient, tieline_emulator: Emulator, folder: Path
) -> None:
    match = {"method": "POST", "path": PUBLISH}
    tieline_emulator.add_fault({"match": match, "calls": [1], "do": {"kind": "drop_after_commit"}})

    with pytest.raises(OutcomeUnknown) as unknown:
        await deploy(tieline_async_client, folder)
    again = await deploy(tieline_async_client, folder)

    assert "run the same deploy again" in unknown.value.hint
    assert again.change == "none"
    assert len(tieline_emulator.entries("actions.publish")) == 1


async def test_a_refused_step_removes_the_draft_of_this_deploy(
    tieline_async_client: AsyncClient, tieline_emulator: Emulator, folder: Path
) -> None:
    (folder / "function.json").write_text(json.dumps({**DEFINITION, "runtime": "nodejs8.x"}))

    with pytest.raises(ApiError) as refused:
        await deploy(tieline_async_client, folder)

    assert "was removed" in refused.value.message
    assert drafts(tieline_emulator) == 0


async def test_a_zip_that_the_platform_refuses_is_told_with_its_reason(
    tieline_async_client: AsyncClient, tieline_emulator: Emulator, folder: Path
) -> None:
    # Our own package is never refused by the emulator, so a fault gives the answer.
    path = "/api/v2/integrations/actions/{}/draft/function"
    body = {
        "id": "x",
        "zip": {"id": "z", "name": "z.zip", "status": "InvalidFormat", "errorMessage": "no zip"},
    }
    told = {"kind": "status", "status": 200, "body": body}
    match = {"method": "GET", "path": path}
    tieline_emulator.add_fault({"match": match, "calls": [3], "do": told})

    with pytest.raises(InvalidInput, match=r"InvalidFormat.*no zip"):
        await deploy(tieline_async_client, folder)

    assert drafts(tieline_emulator) == 0


async def test_a_plan_that_another_deploy_overtook_is_stale(
    tieline_async_client: AsyncClient, folder: Path
) -> None:
    deployment = tieline_async_client.functions.deployment(folder)
    plan = await deployment.plan()
    await deploy(tieline_async_client, folder)

    with pytest.raises(StalePlan):
        await deployment.apply(plan)


async def test_somebody_elses_draft_stays(
    tieline_async_client: AsyncClient, tieline_emulator: Emulator, folder: Path
) -> None:
    await deploy(tieline_async_client, folder)
    actions = tieline_emulator.world.actions
    (action,) = [each for each in actions.published if each["name"] == "echo"]
    draft = actions.open_draft(action)
    draft["function"]["description"] = "by hand"
    (folder / "src" / "index.js").write_text("exports.handler = async () => ({});")

    with pytest.raises(Conflict, match="draft"):
        await deploy(tieline_async_client, folder)

    assert drafts(tieline_emulator) == 1


async def test_neither_log_nor_upload_holds_what_does_not_belong_there(
    tieline_async_client: AsyncClient, tieline_emulator: Emulator, folder: Path, tmp_path: Path
) -> None:
    await deploy(tieline_async_client, folder)
    await tieline_async_client.aclose()

    (upload,) = tieline_emulator.world.functions.uploads
    log = b"".join(file.read_bytes() for file in (tmp_path / "tieline-state").rglob("*.jsonl"))
    assert b"functions.upload_zip" in log
    assert upload["token"].encode() not in log
    (entry,) = tieline_emulator.entries("functions.upload_zip")
    assert entry.status == 200  # with a token it would have been refused


@pytest.mark.parametrize("tieline_api", ["guide"])
async def test_the_guides_surface_takes_no_code(
    tieline_async_client: AsyncClient, folder: Path
) -> None:
    with pytest.raises(Unsupported, match="platform"):
        tieline_async_client.functions.deployment(folder)
