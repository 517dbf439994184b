"""A slot rehearses beside its worker; the worker must be as it was before."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tieline.sandbox.jail.rehearsal import rehearse


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def descriptors() -> set[str]:
    return {entry.name for entry in Path("/proc/self/fd").iterdir()}


def test_a_rehearsal_leaves_the_worker_running_and_no_descriptor_open(
    worker: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    before = descriptors()

    rehearse(worker.pid, str(tmp_path))

    assert worker.poll() is None
    assert descriptors() == before
    assert list(tmp_path.iterdir()) == []


def test_how_a_worker_ended_before_the_rehearsal_can_still_be_told_after_it(tmp_path: Path) -> None:
    with subprocess.Popen(["sh", "-c", "exit 3"]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

        rehearse(process.pid, str(tmp_path))

        assert process.wait() == 3
