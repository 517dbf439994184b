from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tieline.http.asgi_transport import AsgiTransport
from tieline.http.transport import Exchange, Outgoing, TransportFault
from tieline.secret import Secret

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]

OUTGOING = Outgoing(
    method="POST",
    origin="https://api.example:8443",
    target="/api/v2/x/a%2Fb?q=%C3%A9",
    headers={"Accept": "application/json"},
    body=b"{}",
    authorization=Secret("Bearer t"),
    timeout=5.0,
)
START = {"type": "http.response.start", "status": 201, "headers": [(b"X-A", b"1")]}


async def test_a_request_arrives_as_a_server_would_hand_it_over() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Receive, send: Send) -> None:
        seen.extend((scope, await receive(), await receive()))
        await send(START)
        await send({"type": "http.response.body", "body": b"ab", "more_body": True})
        await send({"type": "http.response.body", "body": b"c"})

    exchange = Exchange()
    incoming = await AsgiTransport(app).send(OUTGOING, exchange)

    scope, request, after = seen
    assert scope["path"] == "/api/v2/x/a/b"
    assert scope["raw_path"] == b"/api/v2/x/a%2Fb"
    assert scope["query_string"] == b"q=%C3%A9"
    assert scope["server"] == ("api.example", 8443)
    assert dict(scope["headers"]) == {
        b"host": b"api.example:8443",
        b"accept": b"application/json",
        b"authorization": b"Bearer t",
        b"content-length": b"2",
    }
    assert request["body"] == b"{}"
    assert after["type"] == "http.disconnect"
    assert incoming == (201, {"x-a": "1"}, b"abc")
    assert exchange.written


async def raises(_: Any, __: Receive, send: Send) -> None:
    await send(START)
    raise RuntimeError("a bug of the application")


async def returns_early(_: Any, __: Receive, send: Send) -> None:
    await send(START)
    await send({"type": "http.response.body", "body": b"half", "more_body": True})


async def never_answers(_: Any, __: Receive, ___: Send) -> None:
    return


@pytest.mark.parametrize("app", [raises, returns_early, never_answers])
async def test_an_application_that_ends_without_an_answer_is_a_dropped_connection(app: Any) -> None:
    exchange = Exchange()
    with pytest.raises(TransportFault):
        await AsgiTransport(app).send(OUTGOING, exchange)

    assert exchange.written
    assert exchange.status == (None if app is never_answers else 201)


async def test_an_answer_over_the_limit_is_refused() -> None:
    async def app(_: Any, __: Receive, send: Send) -> None:
        await send(START)
        await send({"type": "http.response.body", "body": b"x" * 11})

    with pytest.raises(TransportFault) as caught:
        await AsgiTransport(app, answer_limit_bytes=10).send(OUTGOING, Exchange())

    assert caught.value.oversized


async def test_the_deadline_ends_an_application_that_waits() -> None:
    async def app(_: Any, __: Receive, ___: Send) -> None:
        import asyncio

        await asyncio.Event().wait()

    with pytest.raises(TransportFault) as caught:
        await AsgiTransport(app).send(OUTGOING._replace(timeout=0.01), Exchange())

    assert caught.value.cut_off


def test_a_request_shows_neither_its_headers_nor_its_body() -> None:
    shown = repr(OUTGOING._replace(body=b"client_secret=hush"))

    assert shown == "Outgoing(POST https://api.example:8443/api/v2/x/a%2Fb?q=%C3%A9)"
