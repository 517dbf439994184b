"""Time-outs in each phase, the deadline of the whole call, and cancellation."""

import asyncio
import socket
from contextlib import closing

import pytest
from scripted_server import answers, calling, hangs, serving, writes

from tieline.calls.operation import Operation, Request
from tieline.calls.progress import Progress
from tieline.clock import SystemClock
from tieline.errors import DeadlineExceeded, NetworkError, OutcomeUnknown
from tieline.http.caller import CallOptions
from tieline.http.transport import Timeouts

LAUNCH = Request(
    Operation("flows.launch", "POST", "/api/v2/flows/executions", False, "platform"),
    body={"flowId": "f1"},
)
UPLOAD = Request(
    Operation("tables.import", "POST", "/api/v2/imports", False, "platform"),
    body={"rows": "x" * 20_000_000},
)
FOLLOW = Request(Operation("flows.show", "GET", "/api/v2/flows/executions/e1", True, "platform"))
OK = answers(200, {"ok": True})
ONCE = CallOptions(timeout=60.0, retries=0)


async def test_reading_takes_too_long() -> None:
    async with (
        serving(hangs()) as server,
        calling(server.url, timeouts=Timeouts(read=0.1), options=ONCE) as caller,
    ):
        with pytest.raises(NetworkError, match="took too long to answer"):
            await caller.call(FOLLOW)
        with pytest.raises(OutcomeUnknown, match="took too long to answer"):
            await caller.call(LAUNCH)


async def test_an_answer_that_stops_half_way_takes_too_long() -> None:
    half = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
    async with (
        serving(writes(half, then="hang")) as server,
        calling(server.url, timeouts=Timeouts(read=0.1), options=ONCE) as caller,
    ):
        with pytest.raises(OutcomeUnknown, match="took too long to go on"):
            await caller.call(LAUNCH)


async def test_connecting_takes_too_long() -> None:
    # A listener that never speaks TLS: the handshake belongs to connecting.
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        async with calling(url, timeouts=Timeouts(pool=0.05, connect=0.05)) as caller:
            with pytest.raises(NetworkError, match="took too long to connect"):
                await caller.call(LAUNCH)


async def test_waiting_for_a_pooled_connection_takes_too_long() -> None:
    limits = Timeouts(pool=0.05, connect=0.05, read=30.0)
    async with (
        serving(hangs()) as server,
        calling(server.url, timeouts=limits, options=ONCE, connections=1) as caller,
    ):
        occupying = asyncio.create_task(caller.call(FOLLOW))
        await server.arrived.wait()
        with pytest.raises(NetworkError, match="took too long to connect"):
            await caller.call(LAUNCH)
        occupying.cancel()


async def test_writing_takes_too_long() -> None:
    async with (
        serving(OK) as server,
        calling(server.url, timeouts=Timeouts(write=0.1), options=ONCE) as caller,
    ):
        await caller.call(FOLLOW)
        server.reads_bodies = False
        with pytest.raises(OutcomeUnknown, match="stopped reading"):
            await caller.call(UPLOAD)


async def test_the_deadline_ends_an_attempt_that_no_phase_limit_ends() -> None:
    async with serving(hangs()) as server, calling(server.url, clock=SystemClock()) as caller:
        await caller.tokens.authorization(FOLLOW.operation, refused=None, within=60.0)
        with pytest.raises(DeadlineExceeded):
            await caller.call(FOLLOW, timeout=0.1)
        with pytest.raises(OutcomeUnknown):
            await caller.call(LAUNCH, timeout=0.1)

    assert len(server.calls) == 2


async def test_the_deadline_ends_a_wait_for_a_token_too() -> None:
    async with serving(OK) as server, calling(server.url, clock=SystemClock()) as caller:
        server.token = [hangs()]
        with pytest.raises(DeadlineExceeded):
            await caller.call(LAUNCH, timeout=0.1)

    assert server.calls == []


async def test_a_cancelled_launch_can_be_told_from_one_that_never_left() -> None:
    progress, untouched = Progress(), Progress()
    async with serving(hangs()) as server, calling(server.url, connections=1) as caller:
        sent = asyncio.create_task(caller.call(LAUNCH, progress=progress))
        await server.arrived.wait()
        waiting = asyncio.create_task(caller.call(LAUNCH, progress=untouched))
        await asyncio.sleep(0)
        for task in (sent, waiting):
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    assert (progress.uncertain, progress.attempts) == (True, 1)
    assert progress.correlation_id == server.calls[0].headers["inin-correlation-id"]
    assert (untouched.uncertain, untouched.attempts) == (False, 0)
    assert len(server.calls) == 1


async def test_a_cancelled_call_closes_its_connection_and_leaves_no_task() -> None:
    async with serving(hangs()) as server, calling(server.url) as caller:
        await caller.tokens.authorization(FOLLOW.operation, refused=None, within=60.0)
        before = len(asyncio.all_tasks())
        call = asyncio.create_task(caller.call(FOLLOW))
        await server.arrived.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await server.all_closed()

        assert len(asyncio.all_tasks()) <= before
