import logging
import threading
from typing import Any

import anyio
import orjson
import pytest
from pydantic import BaseModel

from tieline.actions import Action, Context, action
from tieline.actions.running import Carried, budget_seconds, carry_out
from tieline.clock import SystemClock
from tieline.errors import ConfigInvalid
from tieline.observe.logs import logger
from tieline.secret import Secret


class Ask(BaseModel):
    n: int


class Told(BaseModel):
    success: bool
    message: str = ""
    data: dict[str, Any] = {}
    trace_id: str = "unknown"


class Bare(BaseModel):
    n: int


class Inner(BaseModel):
    m: int


class Outer(BaseModel):
    inner: Inner
    many: list[int] = []


def make(handler: Any, *, flatten: bool = False) -> Action:
    return action(name="custom_a", version="1.0.0", flatten=flatten)(handler)


async def carry(declared: Action, body: bytes, *, seconds: float = 5.0) -> Carried:
    clock = SystemClock()
    context = Context(
        action=declared.name,
        version=declared.version,
        trace_id="t-1",
        deadline=clock.monotonic() + seconds,
        clock=clock,
        base_log=logger("test"),
        secrets={"crm": Secret("hush")},
    )
    return await carry_out(declared, body, context, threads=anyio.CapacityLimiter(2))


async def test_a_handler_that_answers_is_completed() -> None:
    async def handler(request: Ask, context: Context) -> Told:
        assert context.remaining > 0
        return Told(success=True, data={"n": request.n}, trace_id=context.trace_id)

    carried = await carry(make(handler), b'{"n": 1}')

    assert (carried.ended, carried.status) == ("completed", 200)
    assert orjson.loads(carried.body) == {
        "success": True, "message": "", "data": {"n": 1}, "trace_id": "t-1",
    }  # fmt: skip


async def test_a_synchronous_handler_runs_beside_the_loop() -> None:
    def handler(request: Ask) -> Told:
        return Told(success=threading.current_thread() is not threading.main_thread())

    assert orjson.loads((await carry(make(handler), b'{"n": 1}')).body)["success"] is True


@pytest.mark.parametrize(
    "body",
    [
        b'{"n": "1"}', b'{"n": 1.5}', b"{}", b"[]", b"{", b"\xff", b"",
        b'{"n": 1, "n": 2}', b'{"n": 1, "more": {"a": 1, "a": 1}}', b'{"n": 1, "more": NaN}',
    ],
)  # fmt: skip
async def test_nothing_is_coerced_and_nothing_runs_on_bad_input(body: bytes) -> None:
    ran: list[Ask] = []

    async def handler(request: Ask) -> Told:
        ran.append(request)
        return Told(success=True)

    carried = await carry(make(handler), body)

    assert (carried.ended, carried.status) == ("invalid", 400)
    assert orjson.loads(carried.body)["code"] == "VALIDATION_FAILED"
    assert ran == []


@pytest.mark.parametrize(
    ("body", "type_"),
    [
        (b'{"inner_m": 1, "inner_m": 2}', "duplicate_key"),
        (b"[1]", None),
    ],
)
async def test_a_flattened_input_is_read_as_strictly(body: bytes, type_: str | None) -> None:
    ran: list[Outer] = []

    async def handler(request: Outer) -> Bare:
        ran.append(request)
        return Bare(n=1)

    carried = await carry(make(handler, flatten=True), body)

    refused = orjson.loads(carried.body)
    assert (carried.status, refused["code"], ran) == (400, "VALIDATION_FAILED", [])
    assert [each["type"] for each in refused["details"]] == ([type_] if type_ else [])


async def test_an_integer_of_any_size_arrives_exactly_also_flattened() -> None:
    async def handler(request: Outer) -> Bare:
        return Bare(n=request.inner.m)

    carried = await carry(make(handler, flatten=True), b'{"inner_m": %d}' % 2**70)

    assert orjson.loads(carried.body.replace(b"%d" % 2**70, b"1")) == {"n": 1}


async def test_a_handler_that_hangs_is_cancelled_and_answers_in_its_own_form() -> None:
    cancelled = anyio.Event()

    async def handler(request: Ask) -> Told:
        try:
            await anyio.sleep_forever()
        finally:
            cancelled.set()
        return Told(success=True)

    carried = await carry(make(handler), b'{"n": 1}', seconds=0.01)

    assert cancelled.is_set()
    assert (carried.ended, carried.status) == ("timed_out", 200)
    document = orjson.loads(carried.body)
    assert document["success"] is False
    assert "28 s" in document["message"]
    assert document["trace_id"] == "t-1"


async def test_a_synchronous_handler_that_hangs_is_left_behind() -> None:
    released = threading.Event()

    def handler(request: Ask) -> Bare:
        released.wait(10)
        return Bare(n=request.n)

    carried = await carry(make(handler), b'{"n": 1}', seconds=0.01)
    released.set()

    assert (carried.ended, carried.status) == ("timed_out", 504)
    assert orjson.loads(carried.body)["code"] == "DEADLINE_EXCEEDED"


async def test_what_a_handler_raises_stays_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def handler(request: Ask) -> Told:
        raise ValueError("password=hunter2")

    with caplog.at_level(logging.ERROR, logger="tieline.test"):
        carried = await carry(make(handler), b'{"n": 1}')

    assert carried.ended == "failed"
    assert b"hunter2" not in carried.body
    assert orjson.loads(carried.body)["success"] is False


async def test_an_answer_of_another_shape_breaks_the_contract_and_says_so() -> None:
    async def handler(request: Ask) -> Bare:
        return {"n": "one"}  # type: ignore[return-value]

    carried = await carry(make(handler), b'{"n": 1}')

    assert (carried.ended, carried.status) == ("wrong_shape", 500)


async def test_a_dictionary_of_the_right_shape_is_accepted() -> None:
    async def handler(request: Ask) -> Bare:
        return {"n": request.n}  # type: ignore[return-value]

    assert (await carry(make(handler), b'{"n": 1}')).body == b'{"n":1}'


async def test_a_flattened_input_reaches_the_handler_nested() -> None:
    async def handler(request: Outer) -> Bare:
        return Bare(n=request.inner.m + sum(request.many))

    carried = await carry(make(handler, flatten=True), b'{"inner_m": 1, "many": "[2, 3]"}')

    assert carried.body == b'{"n":6}'


async def test_a_secret_is_found_by_name_or_said_to_be_missing() -> None:
    async def handler(request: Ask, context: Context) -> Bare:
        assert context.secret("crm").reveal() == "hush"
        with pytest.raises(ConfigInvalid, match="'erp'"):
            context.secret("erp")
        with pytest.raises(ConfigInvalid, match="outside service"):
            _ = context.outside
        return Bare(n=1)

    assert (await carry(make(handler), b'{"n": 1}')).ended == "completed"


def test_the_budget_leaves_room_inside_the_platforms_time_out() -> None:
    assert budget_seconds(30) == 28
    assert budget_seconds(60) == 58
    assert budget_seconds(1) == pytest.approx(0.8)
