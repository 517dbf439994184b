import asyncio
from typing import Any

import pytest

from tieline.calls.operation import Operation, Request
from tieline.clock import JumpingClock
from tieline.errors import (
    ApiError,
    ConfigInvalid,
    InvalidInput,
    MaxRetriesExceeded,
    NetworkError,
    RateLimited,
    Unsupported,
)
from tieline.http.asgi_transport import AsgiTransport
from tieline.http.caller import Caller, CallOptions
from tieline.http.credentials import Endpoint, SuppliedToken
from tieline.http.limiter import MemoryLimiterStore
from tieline.observe.metrics import Metrics
from tieline.secret import Secret

SHOW = Operation("things.show", "GET", "/api/v2/things/{id}", True, "platform")
MAKE = Operation("things.make", "POST", "/api/v2/things", False, "platform")


class App:
    """Answers every request, and remembers it."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.scopes: list[Any] = []
        self.bodies: list[bytes] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scopes.append(scope)
        self.bodies.append((await receive())["body"])
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"n":1}'})


def caller(app: App, *, clock: JumpingClock | None = None, **options: Any) -> Caller:
    return Caller(
        Endpoint("platform", "https://gateway.example/genesys/", "https://login.example"),
        SuppliedToken(Secret("t")),
        transport=AsgiTransport(app),
        clock=clock or JumpingClock(),
        chance=lambda: 0.5,
        **options,
    )


async def test_a_base_url_may_have_a_path_of_its_own() -> None:
    app = App()
    answer = await caller(app).call(Request(SHOW, path={"id": "a/b"}, query={"expand": "x,y"}))

    assert app.scopes[0]["raw_path"] == b"/genesys/api/v2/things/a%2Fb"
    assert app.scopes[0]["query_string"] == b"expand=x%2Cy"
    assert answer.body == {"n": 1}


async def test_a_body_is_json_and_a_call_without_one_has_no_content_type() -> None:
    app = App()
    ours = caller(app)
    await ours.call(Request(MAKE, body={"a": [1, "é"]}))
    await ours.call(Request(MAKE))

    first, second = (dict(scope["headers"]) for scope in app.scopes)
    assert app.bodies == ['{"a":[1,"é"]}'.encode(), b""]
    assert first[b"content-type"] == b"application/json"
    assert b"content-type" not in second


@pytest.mark.parametrize("body", [{"a": float("nan")}, {"a": b"x"}, {1: 2}])
async def test_a_body_that_is_no_json_is_refused_before_anything_is_sent(body: Any) -> None:
    app = App()
    with pytest.raises(InvalidInput):
        await caller(app).call(Request(MAKE, body=body))

    assert app.scopes == []


@pytest.mark.parametrize("bad", ["", ".", "..", "x" * 10_000])
async def test_an_id_that_cannot_be_one_is_refused_before_anything_is_sent(bad: str) -> None:
    app = App()
    with pytest.raises(InvalidInput):
        await caller(app).call(Request(SHOW, path={"id": bad}))

    assert app.scopes == []


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "é", "a\0b"])
async def test_a_header_cannot_bring_another_one_along(value: str) -> None:
    app = App()
    for request, correlation_id in (
        (Request(MAKE, headers={"X-A": value}), None),
        (Request(MAKE), value),
    ):
        with pytest.raises(InvalidInput):
            await caller(app).call(request, correlation_id=correlation_id)

    assert app.scopes == []


@pytest.mark.parametrize("url", ["", "api.mypurecloud.com", "ftp://x", "https://"])
def test_a_base_url_that_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ConfigInvalid, match="base_url"):
        Caller(Endpoint("platform", url, url), SuppliedToken(Secret("t")))


@pytest.mark.parametrize("token", ["", " \n", "a\nb", "tök"])
def test_a_supplied_token_that_is_none_is_refused_without_being_shown(token: str) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        Caller(Endpoint("platform", "http://x", "http://x"), SuppliedToken(Secret(token)))

    assert "tök" not in str(vars(caught.value))


async def test_a_line_break_after_a_supplied_token_is_dropped() -> None:
    app = App()
    ours = Caller(
        Endpoint("platform", "http://x", "http://x"),
        SuppliedToken(Secret("t\n")),
        transport=AsgiTransport(app),
    )
    await ours.call(Request(MAKE))

    assert dict(app.scopes[0]["headers"])[b"authorization"] == b"Bearer t"


def test_a_client_is_used_in_the_event_loop_it_was_opened_in() -> None:
    ours = Caller(
        Endpoint("platform", "http://127.0.0.1:1", "x"),
        SuppliedToken(Secret("t")),
        options=CallOptions(retries=0),
    )

    async def use() -> None:
        await ours.call(Request(SHOW, path={"id": "a"}))

    async def use_and_close() -> None:
        with pytest.raises(NetworkError):
            await use()

    with asyncio.Runner() as first, asyncio.Runner() as second:
        first.run(use_and_close())
        with pytest.raises(Unsupported, match="another event loop"):
            second.run(use())
        first.run(ours.aclose())


async def test_a_closed_client_says_so() -> None:
    ours = Caller(Endpoint("platform", "http://127.0.0.1:1", "x"), SuppliedToken(Secret("t")))
    await ours.aclose()

    with pytest.raises(Unsupported, match="closed"):
        await ours.call(Request(SHOW, path={"id": "a"}))


async def test_a_view_has_its_own_options_and_shares_the_limits() -> None:
    app = App(status=503)
    clock = JumpingClock()
    ours = caller(app, limiter=MemoryLimiterStore(clock, per_minute=1))
    view = ours.with_options(retries=0, timeout=5.0)

    with pytest.raises(ApiError, match="answered 503"):
        await view.call(Request(SHOW, path={"id": "a"}))
    with pytest.raises(RateLimited):
        await view.call(Request(SHOW, path={"id": "a"}))

    assert len(app.scopes) == 1


async def test_retries_can_be_set_for_all_calls() -> None:
    async def breaks(*_: Any) -> None:
        raise RuntimeError

    ours = Caller(
        Endpoint("platform", "http://x", "http://x"),
        SuppliedToken(Secret("t")),
        transport=AsgiTransport(breaks),
        clock=JumpingClock(),
        options=CallOptions(retries=1),
    )
    with pytest.raises(NetworkError) as caught:
        await ours.call(Request(SHOW, path={"id": "a"}))

    assert caught.value.attempts == 2


async def test_requests_retries_and_waits_are_counted() -> None:
    metrics, clock = Metrics(), JumpingClock()
    limiter = MemoryLimiterStore(clock, per_minute=1)
    ours = caller(App(status=502), clock=clock, meter=metrics, limiter=limiter)

    with pytest.raises(MaxRetriesExceeded, match="answered 502"):
        await ours.call(Request(SHOW, path={"id": "a"}), timeout=600.0)

    text = metrics.openmetrics()
    assert 'tieline_http_requests_total{operation="things.show",result="502"} 4.0' in text
    assert 'tieline_http_retries_total{operation="things.show",reason="gateway"} 3.0' in text
    assert "tieline_limiter_wait_seconds_count" in text


async def test_headers_of_a_request_go_with_it() -> None:
    app = App()
    await caller(app).call(Request(MAKE, headers={"Accept": "text/plain"}))

    assert dict(app.scopes[0]["headers"])[b"accept"] == b"text/plain"
