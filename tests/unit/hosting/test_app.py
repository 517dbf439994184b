from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from pydantic import BaseModel

from tieline.actions import Action, Context, action
from tieline.contracts.interaction import InteractionPayload
from tieline.contracts.validation import Schema
from tieline.errors import InvalidInput, NetworkError, NotFound, PermissionDenied
from tieline.hosting.app import LARGEST_BODY, create_app
from tieline.hosting.authentication import Keys, signature
from tieline.hosting.gateway import Contract
from tieline.hosting.surroundings import Surroundings
from tieline.invocations.outcome import Outcome, Status, Target
from tieline.secret import Secret
from tieline.types import JsonObject

GUIDE_ACTION = "0c9a4d8e-2d57-4a0c-8a42-6f0f3c7f5b10"
SAMPLE: dict[str, Any] = {
    "contact": {
        "external_id": "crm-42",
        "channel": "chat",
        "timestamp": "2026-01-31T12:00:00Z",
        "metadata": {"campaign": "spring"},
    },
    "priority": 3,
    "tags": ["vip", "renewal", "vip"],
    "callback_url": "https://hooks.example/done",
}


class Ask(BaseModel):
    n: int


class Told(BaseModel):
    n: int
    trace: str


@action(name="custom_double", version="1.0.0")
async def double(request: Ask, context: Context) -> Told:
    """Double a number."""
    return Told(n=request.n * 2, trace=context.trace_id)


class Backend:
    """Stands in for the client at the gateway's own port."""

    def __init__(self) -> None:
        self.invoked: list[tuple[str, JsonObject]] = []
        self.ends: Status | Exception = "completed"
        self.gate: anyio.Event | None = None

    async def contract(self, action_id: str) -> Contract:
        if action_id == GUIDE_ACTION:
            return Contract("1", InteractionPayload, None)
        if action_id == "registered":
            document = {"type": "object", "required": ["id"], "additionalProperties": False,
                        "properties": {"id": {"type": "string"}}}  # fmt: skip
            return Contract("3", None, Schema(document))
        raise NotFound(f"no action {action_id}", status=404)

    async def invoke(self, action_id: str, payload: JsonObject) -> Outcome:
        self.invoked.append((action_id, payload))
        if self.gate is not None:
            await self.gate.wait()
        if isinstance(self.ends, Exception):
            raise self.ends
        return Outcome(self.ends, Target("action", action_id), "e-1", {"ok": True}, None, 1,
                       cached=False, correlation_id="c-1", latency_ms=1.0,
                       audit_id="a-1")  # fmt: skip


class Callbacks:
    def __init__(self) -> None:
        self.announced: list[tuple[str, JsonObject]] = []
        self.told = anyio.Event()

    async def check(self, url: str) -> None:
        if "10.0.0" in url:
            raise InvalidInput("callback_url: a private address")

    async def announce(self, url: str, document: JsonObject) -> None:
        self.announced.append((url, document))
        self.told.set()


@asynccontextmanager
async def service(
    state: Path, *, backend: Backend | None = None, callbacks: Callbacks | None = None,
    keys: Keys | None = None, actions: tuple[Action, ...] = (double,), client: str = "127.0.0.1",
) -> AsyncIterator[httpx.AsyncClient]:  # fmt: skip
    app = create_app(
        Surroundings(actions, state, keys or Keys(), backend=backend, callbacks=callbacks)
    )
    transport = httpx.ASGITransport(app, client=(client, 1))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as http,
    ):
        yield http


def url(action_id: str = GUIDE_ACTION) -> str:
    return f"/v1/actions/{action_id}/invocations"


async def test_a_hosted_action_answers_with_the_platforms_own_trace_id(tmp_path: Path) -> None:
    async with service(tmp_path) as http:
        answer = await http.post(
            "/actions/custom_double", json={"n": 2}, headers={"ININ-Correlation-Id": "c-7"}
        )

    assert answer.json() == {"n": 4, "trace": "c-7"}
    assert answer.headers["inin-correlation-id"] == "c-7"


async def test_a_body_that_says_one_thing_twice_is_refused_by_a_hosted_action(
    tmp_path: Path,
) -> None:
    async with service(tmp_path) as http:
        answer = await http.post("/actions/custom_double", content=b'{"n": 2, "n": 3}')

    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_FAILED")
    assert answer.json()["details"][0]["type"] == "duplicate_key"


async def test_an_unknown_action_is_not_found_and_the_hosted_ones_are_named(
    tmp_path: Path,
) -> None:
    async with service(tmp_path) as http:
        answer = await http.post("/actions/custom_other", json={})

    assert answer.status_code == 404
    assert "custom_double" in answer.json()["hint"]


async def test_without_a_key_only_this_machine_is_answered(tmp_path: Path) -> None:
    async with service(tmp_path, client="192.0.2.7") as http:
        answer = await http.post("/actions/custom_double", json={"n": 2})
        health = await http.get("/health")

    assert answer.status_code == 401
    assert "this machine only" in answer.json()["message"]
    assert health.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:8088"},
        {"Host": ""},
    ],
    ids=["another site", "a sandboxed page", "a rebound name", "a name like an address", "empty"],
)
async def test_without_a_key_a_page_in_a_browser_of_this_machine_is_not_answered(
    tmp_path: Path, headers: dict[str, str]
) -> None:
    async with service(tmp_path) as http:
        answer = await http.post("/actions/custom_double", json={"n": 2}, headers=headers)

    assert answer.status_code == 401


@pytest.mark.parametrize(
    "host", ["localhost:8088", "127.0.0.1:8088", "[::1]:8088", "LOCALHOST", "localhost."]
)
async def test_without_a_key_this_machine_is_answered_by_any_of_its_names(
    tmp_path: Path, host: str
) -> None:
    async with service(tmp_path) as http:
        answer = await http.post("/actions/custom_double", json={"n": 2}, headers={"Host": host})

    assert answer.status_code == 200


async def test_with_a_key_a_service_is_reached_by_any_name(tmp_path: Path) -> None:
    key = Secret("k" * 20)
    async with service(tmp_path, keys=Keys(api=(key,))) as http:
        answer = await http.post(
            "/actions/custom_double",
            json={"n": 2},
            headers={"X-API-Key": key.reveal(), "Host": "actions.example"},
        )

    assert answer.status_code == 200


async def test_with_keys_a_key_or_a_signature_is_needed(tmp_path: Path) -> None:
    key = Secret("k" * 20)
    keys = Keys(api=(key,), signing=(key,))
    async with service(tmp_path, keys=keys) as http:
        bare = await http.post("/actions/custom_double", json={"n": 2})
        keyed = await http.post(
            "/actions/custom_double", json={"n": 2}, headers={"X-API-Key": key.reveal()}
        )
        import time

        signed = await http.post(
            "/actions/custom_double",
            content=b'{"n": 2}',
            headers={"X-Tieline-Signature": signature(key, b'{"n": 2}', now=time.time())},
        )

    assert [bare.status_code, keyed.status_code, signed.status_code] == [401, 200, 200]
    assert key.reveal() not in bare.text


async def test_a_body_over_the_limit_is_refused_before_it_is_read_whole(tmp_path: Path) -> None:
    async with service(tmp_path) as http:
        answer = await http.post("/actions/custom_double", content=b" " * (LARGEST_BODY + 1))

    assert (answer.status_code, answer.json()["code"]) == (413, "LIMIT_EXCEEDED")


async def test_operators_get_health_metrics_and_a_description(tmp_path: Path) -> None:
    async with service(tmp_path) as http:
        await http.post("/actions/custom_double", json={"n": 2})
        ready = await http.get("/ready")
        metrics = await http.get("/metrics")
        described = await http.get("/openapi.json")

    assert ready.json() == {"status": "ok"}
    assert 'target="custom_double"' in metrics.text
    assert described.json()["openapi"] == "3.1.0"
    assert "/actions/custom_double" in described.json()["paths"]


async def test_the_guides_sample_is_passed_on_with_its_tags_in_order(tmp_path: Path) -> None:
    backend, callbacks = Backend(), Callbacks()
    async with service(tmp_path, backend=backend, callbacks=callbacks) as http:
        answer = await http.post(url(), json=SAMPLE)

    document = answer.json()
    assert answer.status_code == 200
    assert document["status"] == "success"
    assert document["data"]["result"] == {"ok": True}
    assert document["request_id"] == document["data"]["invocation_id"]
    assert backend.invoked[0][1]["tags"] == ["vip", "renewal"]
    assert callbacks.announced[0][0] == "https://hooks.example/done"
    assert callbacks.announced[0][1]["status"] == "success"


def broken(**changes: Any) -> dict[str, Any]:
    return {**SAMPLE, **changes}


def contact(**changes: Any) -> dict[str, Any]:
    return broken(contact={**SAMPLE["contact"], **changes})


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in SAMPLE.items() if key != name}


BROKEN: list[tuple[str, Any, list[Any], str]] = [
    ("empty id", contact(external_id=""), ["contact", "external_id"], "string_too_short"),
    ("long id", contact(external_id="x" * 256), ["contact", "external_id"], "string_too_long"),
    ("id is a number", contact(external_id=42), ["contact", "external_id"], "string_type"),
    ("channel", contact(channel="fax"), ["contact", "channel"], "literal_error"),
    ("no time zone", contact(timestamp="2026-01-31T12:00:00"), ["contact", "timestamp"],
     "timezone_aware"),
    ("epoch seconds", contact(timestamp=1769860800), ["contact", "timestamp"], "datetime_type"),
    ("metadata", contact(metadata=[1]), ["contact", "metadata"], "dict_type"),
    ("unknown field", contact(extra=1), ["contact", "extra"], "extra_forbidden"),
    ("no contact", without("contact"), ["contact"], "missing"),
    ("priority 0", broken(priority=0), ["priority"], "greater_than_equal"),
    ("priority 6", broken(priority=6), ["priority"], "less_than_equal"),
    ("priority as text", broken(priority="3"), ["priority"], "int_type"),
    ("priority 3.0", broken(priority=3.0), ["priority"], "int_type"),
    ("priority true", broken(priority=True), ["priority"], "int_type"),
    ("eleven tags", broken(tags=[str(n) for n in range(11)]), ["tags"], "too_long"),
    ("a tag is a number", broken(tags=["a", 1]), ["tags", 1], "string_type"),
    ("callback scheme", broken(callback_url="ftp://x"), ["callback_url"],
     "string_pattern_mismatch"),
    ("unknown root field", broken(other=1), ["other"], "extra_forbidden"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("payload", "loc", "kind"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN]
)
async def test_every_constraint_of_the_guide_is_refused_with_its_place(
    tmp_path: Path, payload: Any, loc: list[Any], kind: str
) -> None:
    backend = Backend()
    async with service(tmp_path, backend=backend, callbacks=Callbacks()) as http:
        answer = await http.post(url(), json=payload)

    document = answer.json()
    assert (answer.status_code, document["code"]) == (422, "VALIDATION_FAILED")
    assert [(each["loc"], each["type"]) for each in document["details"]] == [(loc, kind)]
    assert set(document["details"][0]) == {"loc", "type", "message"}
    assert backend.invoked == []


async def test_the_offending_values_are_repeated_only_when_asked_for(tmp_path: Path) -> None:
    async with service(tmp_path, backend=Backend()) as http:
        silent = await http.post(url(), json=broken(priority="hush"))
        asked = await http.post(url() + "?include_input=true", json=broken(priority="hush"))

    assert "hush" not in silent.text
    assert asked.json()["details"][0]["input"] == "hush"


@pytest.mark.parametrize(
    "body", [b"{", b"", b"\xff\xfe", b'{"a": 1, "a": 2}', b'{"a": NaN}', b"[" * 10_000]
)
async def test_what_is_no_json_is_a_bad_request(tmp_path: Path, body: bytes) -> None:
    async with service(tmp_path, backend=Backend()) as http:
        answer = await http.post(url(), content=body)

    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_FAILED")


async def test_a_registered_contract_is_enforced_without_a_model(tmp_path: Path) -> None:
    backend = Backend()
    async with service(tmp_path, backend=backend) as http:
        refused = await http.post(url("registered"), json={"id": 1})
        passed = await http.post(url("registered"), json={"id": "x"})
        unknown = await http.post(url("elsewhere"), json={})

    assert refused.json()["details"][0]["loc"] == ["id"]
    assert passed.status_code == 200
    assert unknown.status_code == 404
    assert backend.invoked == [("registered", {"id": "x"})]


async def test_a_private_callback_address_is_refused_before_anything_is_passed_on(
    tmp_path: Path,
) -> None:
    backend = Backend()
    async with service(tmp_path, backend=backend, callbacks=Callbacks()) as http:
        answer = await http.post(url(), json=broken(callback_url="http://10.0.0.1/x"))

    assert answer.status_code == 422
    assert backend.invoked == []


async def test_the_same_key_and_body_are_carried_out_once_also_after_a_restart(
    tmp_path: Path,
) -> None:
    backend = Backend()
    headers = {"Idempotency-Key": "k-1"}
    async with service(tmp_path, backend=backend) as http:
        first = await http.post(url("registered"), json={"id": "x"}, headers=headers)
        second = await http.post(url("registered"), json={"id": "x"}, headers=headers)
    async with service(tmp_path, backend=backend) as http:
        third = await http.post(url("registered"), json={"id": "x"}, headers=headers)
        other = await http.post(url("registered"), json={"id": "y"}, headers=headers)

    assert first.json() == second.json() == third.json()
    assert (other.status_code, other.json()["code"]) == (409, "CONFLICT")
    assert len(backend.invoked) == 1


async def test_concurrent_requests_with_one_key_are_one_invocation(tmp_path: Path) -> None:
    backend = Backend()
    backend.gate = anyio.Event()
    answers: list[httpx.Response] = []
    async with service(tmp_path, backend=backend) as http:

        async def post() -> None:
            headers = {"Idempotency-Key": "k-1"}
            answers.append(await http.post(url("registered"), json={"id": "x"}, headers=headers))

        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(post)
            while not backend.invoked:
                await anyio.lowlevel.checkpoint()
            backend.gate.set()

    assert len(backend.invoked) == 1
    assert len({answer.text for answer in answers}) == 1


async def test_a_caller_who_does_not_wait_finds_the_answer_later(tmp_path: Path) -> None:
    backend = Backend()
    backend.gate = anyio.Event()
    callbacks = Callbacks()
    async with service(tmp_path, backend=backend, callbacks=callbacks) as http:
        accepted = await http.post(url(), json=SAMPLE, headers={"Prefer": "wait=0"})
        invocation = accepted.json()["data"]["invocation_id"]
        running = await http.get(f"{url()}/{invocation}")
        backend.gate.set()
        await callbacks.told.wait()
        ended = await http.get(f"{url()}/{invocation}")
        elsewhere = await http.get(f"{url('registered')}/{invocation}")

    assert accepted.status_code == 202
    assert running.json()["data"]["status"] == "running"
    assert ended.json()["data"]["result"] == {"ok": True}
    assert elsewhere.status_code == 404


async def test_the_history_is_paged_newest_first(tmp_path: Path) -> None:
    backend = Backend()
    async with service(tmp_path, backend=backend) as http:
        posted = [
            (await http.post(url("registered"), json={"id": str(n)})).json()["request_id"]
            for n in range(5)
        ]
        listed: list[str] = []
        token: str | None = ""
        while token is not None:
            page = await http.get(url("registered"), params={"pageSize": 2, "nextPage": token})
            listed += [each["invocation_id"] for each in page.json()["entities"]]
            token = page.json()["nextPage"]
        wrong = await http.get(url("registered"), params={"nextPage": "x"})
        endless = await http.get(url("registered"), params={"nextPage": "9" * 30})
        large = await http.get(url("registered"), params={"pageSize": 101})

    assert listed == posted[::-1]
    assert [wrong.status_code, endless.status_code, large.status_code] == [422, 422, 422]


ENDS: list[tuple[str, Status | Exception, int, str]] = [
    ("uncertain", "uncertain", 502, "OUTCOME_UNKNOWN"),
    ("timed out", "timed_out", 504, "DEADLINE_EXCEEDED"),
    ("failed", "failed", 502, "GENESYS_API_FAILED"),
    ("network", NetworkError("refused"), 502, "NETWORK_ERROR"),
    ("not allowed", PermissionDenied("no", status=403), 403, "PERMISSION_DENIED"),
]


@pytest.mark.parametrize(
    ("ends", "status", "code"), [row[1:] for row in ENDS], ids=[row[0] for row in ENDS]
)
async def test_an_invocation_that_ends_badly_is_a_structured_error(
    tmp_path: Path, ends: Status | Exception, status: int, code: str
) -> None:
    backend = Backend()
    backend.ends = ends
    async with service(tmp_path, backend=backend) as http:
        answer = await http.post(url("registered"), json={"id": "x"})

    document = answer.json()
    assert (answer.status_code, document["status"], document["code"]) == (status, "error", code)
    if code == "PERMISSION_DENIED":
        assert document["details"] == [{"request_id": document["request_id"]}]


async def test_without_a_profile_the_gateway_says_what_is_missing(tmp_path: Path) -> None:
    async with service(tmp_path) as http:
        answer = await http.post(url(), json=SAMPLE)

    assert answer.json()["code"] == "CONFIG_INVALID"
    assert "--profile" in answer.json()["hint"]


async def test_elsewhere_and_by_another_method_the_answer_has_the_same_form(tmp_path: Path) -> None:
    async with service(tmp_path) as http:
        elsewhere = await http.get("/nowhere")
        method = await http.delete(url())

    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "NOT_FOUND")
    assert (method.status_code, method.json()["code"]) == (405, "UNSUPPORTED")
    assert "POST" in method.headers["allow"]
