"""A history counted by a real Dask scheduler and worker processes, one of them killed half-way."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tieline.errors import NetworkError
from tieline.rules.model import And, Condition, Rule, Ruleset
from tieline.rules.simulation.question import Question
from tieline.services.simulating.cluster import simulate_on_cluster
from tieline.services.simulating.simulation import simulate

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
RULES = Ruleset(
    "r",
    {"language": {"type": "string"}, "priority": {"type": "integer"}},
    (
        Rule("urgent", Condition("priority", "gte", 8), {"queue": "a"}, 2),
        Rule(
            "english",
            And((Condition("language", "eq", "en"), Condition("priority", "gt", 2))),
            {"queue": "b"},
            1,
        ),
    ),
)


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    started = subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield started
    finally:
        started.kill()
        started.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    address = f"tcp://127.0.0.1:{port}"
    with ExitStack() as stack:
        stack.enter_context(
            process("scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
        )
        workers = [
            stack.enter_context(
                process("worker", address, "--no-nanny", "--nthreads", "1", "--no-dashboard",
                        "--local-directory", str(tmp_path))
            )
            for _ in range(2)
        ]  # fmt: skip
        yield address, workers


def test_a_killed_worker_changes_no_count(
    cluster: tuple[str, list[subprocess.Popen[bytes]]], tmp_path: Path
) -> None:
    address, workers = cluster
    history = tmp_path / "history.parquet"
    table = pa.table(
        {
            "language": [("en", "de", None)[n % 3] for n in range(60_000)],
            "priority": [n * 7 % 11 for n in range(60_000)],
        }
    )
    pq.write_table(table, history, row_group_size=1_000)

    def kill_half_way(done: int, parts: int) -> None:
        if done == parts // 2:
            workers[0].kill()

    here = simulate(Question(RULES), history)
    there = simulate_on_cluster(
        Question(RULES), history, scheduler=address, part_rows=1_000, progress=kill_half_way
    )

    assert workers[0].wait() != 0
    assert there.tally.records == 60_000
    assert (there.tally.matched, there.tally.won) == (here.tally.matched, here.tally.won)
    assert there.tally.lost == here.tally.lost


def test_no_scheduler_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "h.jsonl").write_text("{}\n")

    with pytest.raises(NetworkError, match=r"127\.0\.0\.1:1"):
        simulate_on_cluster(Question(RULES), tmp_path / "h.jsonl", scheduler="tcp://127.0.0.1:1")
