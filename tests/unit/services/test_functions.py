from collections.abc import Callable
from typing import Any

import anyio
import pytest
from pydantic import BaseModel, Field

from tieline.errors import DeadlineExceeded, InvalidInput, NetworkError, StoreUnavailable
from tieline.invocations.outcome import Outcome
from tieline.services.functions import AsyncFunctions

CODE = {"id": "f1", "name": "Enrich", "inputs": ["customerId"], "status": "active"}
QUEUED = {"id": "e1", "status": "queued"}
DONE = {"id": "e1", "status": "completed", "result": {"tier": "gold"}}
Make = Callable[..., Any]


def script(*ends: Any) -> dict[str, list[Any]]:
    return {
        "functions__get": [CODE],
        "functions__execute": [QUEUED],
        "functions__show": list(ends) or [DONE],
    }


async def test_a_function_is_executed_followed_recorded_and_counted(make_world: Make) -> None:
    world = make_world(**script({"id": "e1", "status": "running"}, DONE))

    outcome = await AsyncFunctions(world.session).invoke("f1", {"customerId": "1"})

    assert (outcome.status, outcome.result) == ("completed", {"tier": "gold"})
    assert world.recorded() == [("intent", None), ("outcome", "running"), ("outcome", "completed")]
    assert outcome.audit_id == "memory:2"
    intent, running, end = world.log.records
    assert intent.operation == "functions.execute"
    assert (running.intent_id, end.intent_id) == ("memory:0", "memory:0")
    assert intent.input_hmac == world.log.fingerprint({"customerId": "1"})
    summary = world.session.metrics.summaries()[0]
    assert (summary.executed, summary.success_rate) == (1, 1.0)


async def test_what_is_personal_never_reaches_the_log(make_world: Make) -> None:
    ends = {"id": "e1", "status": "failed", "error": {"message": "no ada@example.org"}}
    world = make_world(**script(ends))

    await AsyncFunctions(world.session).invoke("f1", {"customerId": "ada@example.org"})

    assert "ada@example.org" not in repr(world.log.records)


async def test_an_equal_invocation_is_answered_from_the_cache(make_world: Make) -> None:
    world = make_world(**script())
    functions = AsyncFunctions(world.session)

    first = await functions.invoke("f1", {"customerId": "1"})
    second = await functions.invoke("f1", {"customerId": "1"})
    other = await functions.invoke("f1", {"customerId": "2"})
    without = await functions.invoke("f1", {"customerId": "1"}, cache=False)

    assert [o.cached for o in (first, second, other, without)] == [False, True, False, False]
    assert world.calls.names().count("functions.execute") == 3
    summary = world.session.metrics.summaries()[0]
    assert (summary.executed, summary.cached) == (3, 1)


async def test_what_a_caller_changes_in_a_result_stays_with_him(make_world: Make) -> None:
    world = make_world(**script({**DONE, "result": {"tier": ["gold"]}}))
    functions = AsyncFunctions(world.session)

    for _ in range(3):
        outcome: Any = await functions.invoke("f1", {"customerId": "1"})
        assert outcome.result == {"tier": ["gold"]}
        outcome.result["tier"].append("mine")


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), float("inf")])
async def test_a_timeout_that_is_no_time_is_refused_before_anything_is_sent(
    make_world: Make, seconds: float
) -> None:
    world = make_world(**script())

    with pytest.raises(InvalidInput, match="timeout"):
        await AsyncFunctions(world.session).invoke("f1", {"customerId": "1"}, timeout=seconds)
    with pytest.raises(InvalidInput, match="timeout"):
        world.session.with_options(timeout=seconds)

    assert world.calls.names() == []


async def test_a_result_is_forgotten_after_five_minutes(make_world: Make) -> None:
    world = make_world(**script())
    functions = AsyncFunctions(world.session)
    await functions.invoke("f1", {"customerId": "1"})

    world.clock.advance(301.0)
    again = await functions.invoke("f1", {"customerId": "1"})

    assert not again.cached


async def test_a_definition_is_read_once_a_minute(make_world: Make) -> None:
    world = make_world(**script())
    functions = AsyncFunctions(world.session)

    for customer in ("1", "2", "3"):
        await functions.invoke("f1", {"customerId": customer})
    world.clock.advance(60.0)
    await functions.invoke("f1", {"customerId": "4"})

    assert world.calls.names().count("functions.get") == 2


async def test_equal_invocations_at_the_same_time_share_one_execution(make_world: Make) -> None:
    world = make_world(**script())
    functions = AsyncFunctions(world.session)
    outcomes: list[Outcome] = []

    async def one() -> None:
        outcomes.append(await functions.invoke("f1", {"customerId": "1"}))

    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(one)

    assert world.calls.names().count("functions.execute") == 1
    assert [outcome.result for outcome in outcomes] == [{"tier": "gold"}] * 20
    assert sum(not outcome.cached for outcome in outcomes) == 1


async def test_who_shared_a_failed_start_tries_for_itself(make_world: Make) -> None:
    world = make_world(**script())
    world.calls.script["functions.execute"] = [NetworkError("refused"), QUEUED]
    functions = AsyncFunctions(world.session)
    ended: list[Any] = []

    async def one() -> None:
        try:
            ended.append((await functions.invoke("f1", {"customerId": "1"})).status)
        except NetworkError:
            ended.append("refused")

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(one)

    assert sorted(ended) == ["completed", "completed", "refused"]


async def test_who_shares_an_execution_waits_no_longer_than_it_said(make_world: Make) -> None:
    never = anyio.Event()
    world = make_world(**script())
    world.calls.script["functions.execute"] = [never, QUEUED]
    functions = AsyncFunctions(world.session)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(functions.invoke, "f1", {"customerId": "1"})
        await anyio.wait_all_tasks_blocked()
        with pytest.raises(DeadlineExceeded):
            await functions.invoke("f1", {"customerId": "1"}, timeout=0.01)
        tasks.cancel_scope.cancel()


async def test_a_cancelled_invocation_says_in_the_log_that_it_may_have_been_carried_out(
    make_world: Make,
) -> None:
    world = make_world(**script())
    world.calls.script["functions.execute"] = [anyio.Event(), QUEUED]

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(AsyncFunctions(world.session).invoke, "f1", {"customerId": "1"})
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()

    assert world.recorded() == [("intent", None), ("outcome", "uncertain")]
    assert world.log.records[1].error["code"] == "INTERRUPTED"


async def test_a_model_is_sent_under_its_wire_names(make_world: Make) -> None:
    class Customer(BaseModel):
        customer_id: str = Field(serialization_alias="customerId")

    world = make_world(**script())

    await AsyncFunctions(world.session).invoke("f1", Customer(customer_id="7"))

    assert world.calls.seen[1].body["inputs"] == {"customerId": "7"}


@pytest.mark.parametrize("value", ["text", 3, [("customerId", 1)]])
async def test_an_input_is_a_mapping_or_a_model(make_world: Make, value: Any) -> None:
    world = make_world(**script())

    with pytest.raises(InvalidInput):
        await AsyncFunctions(world.session).invoke("f1", value)

    assert not world.calls.seen


async def test_whoever_watches_sees_every_look(make_world: Make) -> None:
    world = make_world(**script({"id": "e1", "status": "running"}, DONE))
    seen: list[tuple[str, float]] = []

    await AsyncFunctions(world.session).invoke(
        "f1", {}, watch=lambda progress, elapsed: seen.append((progress.state, elapsed))
    )

    assert [state for state, _ in seen] == ["queued", "running"]
    assert seen[0][1] < seen[1][1]


async def test_an_outcome_that_cannot_be_recorded_still_reaches_its_caller(
    make_world: Make,
) -> None:
    world = make_world(**script())
    append = world.log.append
    full = StoreUnavailable("disk full")

    async def failing(record: Any) -> str:
        if record.phase == "outcome":
            raise full
        return str(await append(record))

    world.log.append = failing

    outcome = await AsyncFunctions(world.session).invoke("f1", {})

    assert (outcome.status, outcome.audit_id) == ("completed", None)


async def test_an_execution_is_picked_up_again_after_a_time_out(make_world: Make) -> None:
    world = make_world(**script(*[{"id": "e1", "status": "running"}] * 20, DONE))
    functions = AsyncFunctions(world.session)

    late = await functions.invoke("f1", {}, timeout=5.0)
    assert late.status == "timed_out"
    assert late.execution_id is not None
    outcome = await functions.execution("f1", late.execution_id).wait(timeout=600.0)

    assert outcome.status == "completed"
    assert world.calls.names().count("functions.execute") == 1
