"""How deployments end is told: of an action, a function and rules, on a real emulator."""

from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import BaseModel

from tieline.actions import Context, action
from tieline.calls.event_catalogue import event_schema
from tieline.client import AsyncClient
from tieline.contracts.validation import Schema
from tieline.emulator.app import create_app
from tieline.emulator.server import Address, running
from tieline.errors import Error
from tieline.secret import Secret
from tieline.store.outbox import Endpoint, WebhookStore

EXAMPLES = Path(__file__).parents[3] / "examples"
SCHEMA = Schema(event_schema())


class Question(BaseModel):
    customer_id: str


class Reply(BaseModel):
    tier: str


@action(name="custom_told_lookup", version="1.0.0")
async def told_lookup(request: Question, context: Context) -> Reply:
    del context
    return Reply(tier=request.customer_id)


@pytest.fixture(scope="module")
def emulator() -> Any:
    with running(create_app(EXAMPLES / "functions" / "emulator.yaml")) as (_, address):
        yield address


@pytest.fixture
async def client(
    emulator: Address, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[AsyncClient]:
    """A client of a state directory with an endpoint that never answers, so that all stays."""
    with closing(WebhookStore(tmp_path / "webhooks.sqlite3")) as store:
        url = "https://127.0.0.1:9/never"
        store.put_endpoint(Endpoint("crm", url, ("*",), (Secret("whsec_" + "QUJD" * 8),)))
    async with AsyncClient(
        base_url=emulator.url,
        client_id=emulator.client_id,
        client_secret=emulator.client_secret,
        api=getattr(request, "param", "platform"),
        state_dir=tmp_path,
    ) as made:
        yield made


def told(folder: Path) -> list[dict[str, Any]]:
    """The documents of deployments, the oldest first; all that is told fits the schema."""
    with closing(WebhookStore(folder / "webhooks.sqlite3")) as store:
        store.fan_out()
        found = []
        while (delivery := store.oldest("crm")) is not None:
            document = orjson.loads(delivery.payload)
            assert SCHEMA.violations(document) == (), document
            found.append(document)
            store.settle(delivery, "delivered")
    return [one for one in found if one.get("type", "").startswith("deployments.")]


async def test_an_actions_deployment_is_told_with_what_stands(
    client: AsyncClient, tmp_path: Path
) -> None:
    deployment = client.actions.deployment(told_lookup, url="https://actions.example.org")
    deployed = await deployment.apply(await deployment.plan())

    (event,) = told(tmp_path)
    assert event["type"] == "deployments.action.applied"
    assert event["data"]["name"] == "custom_told_lookup"
    assert event["data"]["target_id"] == deployed.action_id


async def test_a_functions_deployment_and_a_stale_plan_are_told(
    client: AsyncClient, tmp_path: Path
) -> None:
    deployment = client.functions.deployment(EXAMPLES / "functions" / "data_enrichment")
    plan = await deployment.plan()
    deployed = await deployment.apply(plan)
    with pytest.raises(Error):
        await deployment.apply(plan)

    applied, failed = told(tmp_path)
    assert (applied["type"], failed["type"]) == (
        "deployments.function.applied", "deployments.function.failed",
    )  # fmt: skip
    assert applied["data"]["version"] == deployed.code
    assert failed["data"]["error"]["code"] == "STALE_PLAN"


@pytest.mark.parametrize("client", ["guide"], indirect=True)
async def test_rules_that_are_applied_and_taken_back_are_told_both_times(
    client: AsyncClient, tmp_path: Path
) -> None:
    source = tmp_path / "rules.yaml"
    source.write_text(RULES)
    planned = await client.rules.plan(source)
    applied = await planned.apply()
    await client.rules.rollback(source)

    first, second = told(tmp_path)
    assert (first["type"], second["type"]) == (
        "deployments.rules.applied", "deployments.rules.rolled_back",
    )  # fmt: skip
    assert first["data"]["version"] == second["data"]["version"] == applied.deployment


RULES = """
ruleset: told
queue: Technical Support
fields:
  priority: {type: integer}
rules:
  - name: Told
    priority: 10
    when: priority gte 5
    then: {queue: Technical Support}
default: {queue: Technical Support}
"""
