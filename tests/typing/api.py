"""The public API as a stranger uses it; read by mypy and pyright, never run."""

from collections.abc import Mapping
from typing import Any, assert_type

import tieline
from tieline.dialects.entries import ActionEntry, PastInvocation, RoutingRule
from tieline.dialects.port import Definition


def blocking() -> None:
    with tieline.Client.from_profile() as client:
        outcome = client.functions.invoke("a1b2", {"customerId": "10024"}, timeout=120)
        assert_type(outcome, tieline.Outcome)
        assert_type(outcome.to_json(), dict[str, Any])
        assert_type(client.actions.invoke("lookup", {"a": 1}).status == "completed", bool)
        execution = client.flows.launch("3f1a", input={"Flow.customerId": "10024"})
        assert_type(execution, tieline.Execution)
        assert_type(execution.wait(timeout=60), tieline.Outcome)
        assert_type(execution.id, str | None)
        for entry in client.actions.list(name="lookup"):
            assert_type(entry, ActionEntry)
        for past in client.actions.history("lookup"):
            assert_type(past, PastInvocation)
        assert_type(client.functions.show("a1b2"), Definition)
        patient = client.with_options(timeout=300, retries=5)
        assert_type(patient, tieline.Client)


async def asynchronous() -> None:
    async with tieline.AsyncClient(
        base_url="http://127.0.0.1:8089", client_id="me", client_secret="secret", api="guide"
    ) as client:
        outcome = await client.functions.invoke("a1b2", {"customerId": "10024"})
        assert_type(outcome, tieline.Outcome)
        execution = await client.flows.launch("3f1a", user="9d2f")
        assert_type(execution, tieline.AsyncExecution)
        assert_type(await execution.refresh(), tieline.AsyncExecution)
        draft = tieline.RuleDraft("vip first", "queue", {"type": "condition"})
        assert_type((await client.routing.upsert(draft)).rule, RoutingRule)
        async for rule in client.routing.list():
            assert_type(rule.document, Mapping[str, Any])


def errors() -> None:
    try:
        tieline.Client().flows.launch("3f1a")
    except tieline.OutcomeUnknown as unknown:
        assert_type(unknown.correlation_id, str | None)
    except tieline.Error as error:
        assert_type(error.hint, str)
        assert_type(error.attempts, int)
