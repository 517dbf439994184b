"""Whatever is sent to the service, it answers in its own form: schemathesis over its OpenAPI."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from pydantic import BaseModel
from starlette.testclient import TestClient

from tieline.actions import action
from tieline.contracts.validation import Schema
from tieline.hosting.app import create_app
from tieline.hosting.gateway import Contract
from tieline.hosting.surroundings import Surroundings
from tieline.invocations.outcome import Outcome, Target
from tieline.types import JsonObject


class Ask(BaseModel):
    n: int
    words: list[str] = []


@action(name="custom_echo", version="1.0.0", flatten=True)
async def echo(request: Ask) -> Ask:
    """Answer what was asked."""
    return request


class Backend:
    async def contract(self, action_id: str) -> Contract:
        return Contract("1", None, Schema({"type": "object"}))

    async def invoke(self, action_id: str, payload: JsonObject) -> Outcome:
        return Outcome("completed", Target("action", action_id), None, None, None, 1,
                       cached=False, correlation_id="c", latency_ms=0.0, audit_id=None)  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    state: Path = tmp_path_factory.mktemp("gateway")
    app = create_app(Surroundings((echo,), state, backend=Backend()))
    with TestClient(app, "http://localhost", client=("127.0.0.1", 1)) as client:
        yield client


def cases(client: TestClient, share: int) -> Counter[int]:
    """Send `share` generated requests an operation; return how many got which status."""
    described = schemathesis.openapi.from_dict(client.get("/openapi.json").json())
    statuses: Counter[int] = Counter()

    for found in described.get_all_operations():
        operation = found.ok()
        assert operation is not None

        @settings(
            max_examples=share, deadline=None, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @schemathesis_given(operation)
        def send(case: Any) -> None:
            answer = client.request(**_request(case))
            statuses[answer.status_code] += 1
            assert answer.status_code < 500, (answer.status_code, answer.text)
            if answer.headers.get("content-type") == "application/json":
                answer.json()

        send()
    return statuses


def schemathesis_given(operation: Any) -> Any:
    from hypothesis import given
    from hypothesis import strategies as st

    modes = schemathesis.GenerationMode
    return given(
        st.one_of(
            operation.as_strategy(generation_mode=modes.POSITIVE),
            operation.as_strategy(generation_mode=modes.NEGATIVE),
        )
    )


def _request(case: Any) -> dict[str, Any]:
    prepared = case.as_transport_kwargs(base_url="http://localhost")
    return {
        "method": case.method,
        "url": prepared["url"],
        "params": prepared.get("params"),
        "headers": {
            k: v for k, v in (prepared.get("headers") or {}).items()
            if v.isprintable() and v.isascii()
        },
        **({"json": prepared["json"]} if "json" in prepared else {}),
        **({"content": prepared["data"]} if isinstance(prepared.get("data"), bytes | str) else {}),
    }  # fmt: skip


def test_a_thousand_generated_requests_get_no_server_error(client: TestClient) -> None:
    _check_all_came_in(cases(client, 260), at_least=1_000)


@pytest.mark.campaign
def test_fifty_thousand_generated_requests_get_no_server_error(client: TestClient) -> None:
    _check_all_came_in(cases(client, 13_000), at_least=50_000)


def _check_all_came_in(statuses: Counter[int], *, at_least: int) -> None:
    """They were enough, and it was not the door that answered them."""
    assert statuses.total() >= at_least
    assert statuses[401] == 0
    assert statuses[200] + statuses[202] > at_least // 20
