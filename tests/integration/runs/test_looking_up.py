"""Uncertain items of a guide data action, settled by the history that the far side keeps."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import tieline
from tieline.emulator.app import Emulator, create_app
from tieline.emulator.server import Address, running

LOOKUP = "custom_-_7c1d8a52-3b0e-4f6e-9a53-1d2f5b8c9e01"
INVOKING = {"method": "POST", "path": "/api/v2/processes/data-actions/{}/invocations"}


@pytest.fixture
def served() -> Iterator[tuple[Emulator, Address]]:
    with running(create_app()) as both:
        yield both


@pytest.fixture
def client(served: tuple[Emulator, Address], tmp_path: Path) -> Iterator[tieline.Client]:
    address = served[1]
    with tieline.Client(
        api="guide",
        base_url=address.url,
        client_id=address.client_id,
        client_secret=address.client_secret,
        state_dir=tmp_path,
    ) as opened:
        yield opened


@pytest.fixture
def carry(client: tieline.Client, served: tuple[Emulator, Address]) -> Any:
    """Carry a run out, one item after the other, some of whose answers get lost."""

    def carry(customers: Sequence[str], fault: str, *calls: int) -> Any:
        app = served[0]
        app.faults.add([{"match": INVOKING, "calls": list(calls), "do": {"kind": fault}}])
        items = [{"customerId": customer} for customer in customers]
        run = client.runs.start(action=LOOKUP, items=items, concurrency=1, wait=False)
        assert run.wait().counts.uncertain == len(calls)
        return run

    return carry


def test_an_item_that_was_carried_out_is_found_by_its_input_and_settled(
    carry: Any, served: tuple[Emulator, Address], tmp_path: Path
) -> None:
    run = carry(["a", "b", "c", "d"], "drop_after_commit", 2, 4)

    found = run.look_up()

    assert (found.settled, found.ambiguous) == (2, ())
    made = {each["payload"]["customerId"]: each["id"] for each in made_by(served[0])}
    assert {item.input["customerId"]: item.execution_id for item in run.items()} == made
    assert run.show().counts.done == 4
    log = "".join(path.read_text() for path in (tmp_path / "audit" / "segments").glob("*.jsonl"))
    assert log.count('"runs.resolve"') == 2 * 2


def test_an_item_of_which_there_is_no_trace_is_left_uncertain(carry: Any) -> None:
    run = carry(["a", "b"], "drop_after_read", 2)

    found = run.look_up()

    assert (found.settled, found.ambiguous) == (0, ())
    assert [item.input for item in run.uncertain()] == [{"customerId": "b"}]


def test_an_invocation_that_another_item_owns_is_not_taken_for_this_one(carry: Any) -> None:
    run = carry(["same", "same"], "drop_after_read", 2)

    assert run.look_up().settled == 0
    assert run.show().counts.uncertain == 1


def test_items_that_cannot_be_told_apart_are_left_and_then_settled_by_hand(carry: Any) -> None:
    run = carry(["same", "same", "other"], "drop_after_commit", 1, 2)
    first, second = run.uncertain()

    found = run.look_up()

    assert (found.settled, found.ambiguous) == (0, (first.reference, second.reference))
    run.settle(first.reference, outcome="done", note="seen in the CRM")
    run.settle(second.reference, outcome="failed")
    counts = run.show().counts
    assert (counts.done, counts.failed, counts.uncertain) == (2, 1, 0)


def test_what_another_run_may_have_made_is_ambiguous(carry: Any) -> None:
    earlier = carry(["same"], "drop_after_commit", 1)
    later = carry(["same"], "drop_after_read", 1)

    assert later.look_up().ambiguous
    assert earlier.look_up().ambiguous


def made_by(app: Emulator) -> list[dict[str, Any]]:
    return app.world.invocations.invocations.dump()
