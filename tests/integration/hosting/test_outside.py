"""The outside service misbehaves on a real socket; what a handler is told, and what is repeated."""

import orjson
import pytest
from anyio import CapacityLimiter
from pydantic import BaseModel
from scripted_server import Behaviour, answers, hangs, serving, writes

from tieline.actions import Action, Context, action
from tieline.actions.outside import OutsideService
from tieline.actions.running import carry_out
from tieline.clock import JumpingClock, SystemClock
from tieline.errors import ApiError, Error, MaxRetriesExceeded, OutcomeUnknown
from tieline.observe.logs import logger
from tieline.secret import Secret

HTML = b"<html><body>busy</body></html>"
OK = answers(200, {"ok": True})
LOST = writes(b"")


class Ask(BaseModel):
    n: int


class Told(BaseModel):
    success: bool


@action(name="custom_asking", version="1.0.0", retry_on=("lookup",))
async def asking(request: Ask) -> Ask:
    """Answer what was asked."""
    return request


async def ask(operation: str, *script: Behaviour, declared: Action = asking) -> tuple[object, int]:
    """What a handler gets of one call, an answer or an error, and how many requests left."""
    clock = JumpingClock()
    async with serving(*script) as server:
        outside = OutsideService(server.url, Secret("k-1"), clock=clock)
        calls = outside.during(declared, trace_id="t-1", deadline=clock.monotonic() + 28)
        try:
            answer: object = await calls.post(
                "/api/v1/operations/{kind}", {"n": 1}, operation=operation, kind="a/../b"
            )
        except Error as error:
            answer = error
        await outside.aclose()
        first = server.calls[0]
        assert first.target == "/api/v1/operations/a%2F..%2Fb"
        assert first.headers["authorization"] == "Bearer k-1"
        assert first.headers["x-request-source"] == "genesys-data-action"
        return answer, len(server.calls)


async def test_a_lookup_is_repeated_when_its_answer_is_lost_and_an_update_is_not() -> None:
    assert await ask("lookup", LOST, OK) == ({"ok": True}, 2)
    error, written = await ask("update", LOST, OK)
    assert (type(error), written) == (OutcomeUnknown, 1)


async def test_three_attempts_are_all_there_are() -> None:
    error, written = await ask("lookup", LOST)

    assert isinstance(error, MaxRetriesExceeded | OutcomeUnknown)
    assert written == 3


@pytest.mark.parametrize("operation", ["lookup", "update"])
async def test_a_page_of_html_is_an_error_and_no_answer(operation: str) -> None:
    error, _ = await ask(operation, answers(400, HTML, Content_Type="text/html"))

    assert isinstance(error, ApiError)
    assert "k-1" not in str(error)


DRIPPING = writes(
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
    then="hang",
)


@pytest.mark.parametrize("behaviour", [hangs(), DRIPPING], ids=["silent", "dripping"])
async def test_a_service_that_takes_for_ever_is_cut_off_by_the_handlers_budget(
    behaviour: Behaviour,
) -> None:
    clock = SystemClock()
    async with serving(behaviour) as server:
        outside = OutsideService(server.url, Secret("k-1"), clock=clock)

        @action(name="custom_waiting", version="1.0.0")
        async def waiting(request: Ask, context: Context) -> Told:
            await context.outside.post("/slow", {}, operation="update")
            return Told(success=True)

        deadline = clock.monotonic() + 0.2
        context = Context(
            waiting.name, waiting.version, "t-1", deadline, clock, logger("test"), {},
            outside.during(waiting, trace_id="t-1", deadline=deadline),
        )  # fmt: skip
        carried = await carry_out(waiting, b'{"n": 1}', context, threads=CapacityLimiter(1))
        await outside.aclose()

    assert carried.ended in {"timed_out", "failed"}
    assert orjson.loads(carried.body)["success"] is False
    assert len(server.calls) == 1
