"""The outside service misbehaves on a real socket; what a handler is told, and what is repeated."""

import pytest
from pydantic import BaseModel
from scripted_server import Behaviour, answers, serving, writes

from tieline.actions import Action, action
from tieline.actions.outside import OutsideService
from tieline.clock import JumpingClock
from tieline.errors import ApiError, Error, MaxRetriesExceeded, OutcomeUnknown
from tieline.secret import Secret

HTML = b"<html><body>busy</body></html>"
OK = answers(200, {"ok": True})
LOST = writes(b"")


class Ask(BaseModel):
    n: int


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
