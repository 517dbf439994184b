"""The blocking client where people use it: scripts, threads, notebooks, forks, Ctrl-C."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import anyio
import pytest

import tieline
from tieline.emulator.app import Emulator
from tieline.emulator.server import Address, running

FUNCTION = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
FLOW = "3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11"
ACTION = "custom_-_7c1d8a52-3b0e-4f6e-9a53-1d2f5b8c9e01"
Connect = Callable[[], tieline.Client]

SCRIPT = """\
import sys, tieline
client = tieline.Client(base_url={url!r}, client_id={client_id!r},
                        client_secret={client_secret!r}, state_dir={folder!r})
"""


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Emulator, Address]]:
    with running() as both:
        yield both


@pytest.fixture
def connect(served: tuple[Emulator, Address], tmp_path: Path) -> Connect:
    address = served[1]
    return lambda: tieline.Client(
        base_url=address.url,
        client_id=address.client_id,
        client_secret=address.client_secret,
        state_dir=tmp_path,
    )


@pytest.fixture
def script(
    served: tuple[Emulator, Address], tmp_path: Path
) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a Python process whose first lines open a client called `client`."""
    address = served[1]
    head = SCRIPT.format(
        url=address.url,
        client_id=address.client_id,
        client_secret=address.client_secret,
        folder=str(tmp_path),
    )

    with ExitStack() as started:

        def start(body: str) -> "subprocess.Popen[str]":
            process = subprocess.Popen(
                [sys.executable, "-c", head + body],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )  # fmt: skip
            started.enter_context(process)
            started.callback(process.kill)
            return process

        yield start


def test_a_script_invokes_lists_and_waits(connect: Connect) -> None:
    with connect() as client:
        outcome = client.actions.invoke(ACTION, {"customerId": "10024"})
        names = [entry.name for entry in client.actions.list()]
        execution = client.flows.launch(FLOW, input={"Flow.customerId": "10024"})
        ended = execution.wait(timeout=30)

    assert outcome.status == ended.status == "completed"
    assert "custom_customer_lookup" in names
    assert ended.execution_id == execution.id


def test_many_threads_share_one_client_and_one_execution(
    connect: Connect, served: tuple[Emulator, Address]
) -> None:
    with connect() as client, ThreadPoolExecutor(16) as threads:
        given = {"customerId": "10024", "sessionId": "shared"}
        jobs = [threads.submit(client.functions.invoke, FUNCTION, given) for _ in range(16)]
        outcomes = [job.result() for job in jobs]

    assert {outcome.status for outcome in outcomes} == {"completed"}
    assert sum(not outcome.cached for outcome in outcomes) == 1


async def test_it_works_where_a_loop_is_running_already(connect: Connect) -> None:
    await anyio.lowlevel.checkpoint()

    with connect() as client:  # as a notebook's cell does
        outcome = client.actions.invoke(ACTION, {"customerId": "10024"})

    assert outcome.status == "completed"


def test_a_view_shares_everything_but_its_options(connect: Connect) -> None:
    with connect() as client:
        view = client.with_options(timeout=5.0, retries=0)

        assert view.actions.invoke(ACTION, {"customerId": "10024"}).status == "completed"
        assert view.metrics is client.metrics


def test_a_closed_client_says_so(connect: Connect) -> None:
    client = connect()
    client.actions.invoke(ACTION, {"customerId": "10024"})
    client.close()
    client.close()

    with pytest.raises(tieline.Unsupported, match="closed"):
        client.actions.invoke(ACTION, {"customerId": "10024"})


def test_closing_leaves_no_thread_behind(connect: Connect) -> None:
    before = set(threading.enumerate())

    with connect() as client:
        client.actions.invoke(ACTION, {"customerId": "10024"})

    after = {t for t in threading.enumerate() if t.name == "tieline"}
    assert after <= before


def test_use_after_a_fork_is_refused(script: Callable[..., "subprocess.Popen[str]"]) -> None:
    process = script(
        f"""
import os, warnings
warnings.simplefilter("ignore")
client.actions.invoke({ACTION!r}, {{"customerId": "10024"}})
if os.fork() == 0:
    try:
        client.actions.list().__next__()
    except tieline.Unsupported as error:
        print("refused:", error, flush=True)
    client.close()
    os._exit(0)
os.wait()
print("parent:", client.actions.invoke({ACTION!r}, {{"customerId": "10024"}}).status)
"""
    )
    out, err = process.communicate(timeout=60)

    assert "refused: this client was opened before a fork" in out, err
    assert "parent: completed" in out, err


def test_a_client_that_nobody_closes_does_not_keep_a_script_from_ending(
    script: Callable[..., "subprocess.Popen[str]"],
) -> None:
    process = script(f"print(client.actions.invoke({ACTION!r}, {{'customerId': '10024'}}).status)")
    out, err = process.communicate(timeout=60)

    assert (process.returncode, out.strip(), err) == (0, "completed", "")


def test_an_interrupt_cancels_the_call_and_leaves_nothing_running(
    script: Callable[..., "subprocess.Popen[str]"], served: tuple[Emulator, Address]
) -> None:
    process = script(
        f"""
import threading
print("waiting", flush=True)
try:
    client.flows.invoke({FLOW!r}, timeout=600, watch=lambda *_: print("running", flush=True))
except KeyboardInterrupt:
    client.close()
    print([t.name for t in threading.enumerate()], flush=True)
"""
    )
    assert process.stdout is not None
    assert "running\n" in iter(process.stdout.readline, "")
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)

    assert "['MainThread']" in out, err
    assert time.monotonic() - began < 20
