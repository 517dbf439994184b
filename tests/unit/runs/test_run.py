import pytest

from tieline.runs.pace import Pace
from tieline.runs.run import Counts, RunSpec, RunState, RunStatus

DOCUMENTED = [
    "run_id", "name", "state", "total", "pending", "sent", "done", "failed", "uncertain",
    "started_at", "rate_per_minute", "eta_s",
]  # fmt: skip


def run(
    *, state: RunState = "running", rate: int | None = None, open_items: int = 600
) -> RunStatus:
    return RunStatus(
        run_id="r",
        spec=RunSpec(kind="flow", target_id="f", name="n", rate_per_minute=rate),
        state=state,
        counts=Counts(total=1_000, pending=open_items, done=1_000 - open_items),
        created_at=0.0,
        started_at=0.0,
        pace=Pace(((0.0, 0), (60.0, 300))),
    )


def test_the_document_has_the_documented_members_first() -> None:
    document = run().to_json(now=60.0)

    assert list(document)[: len(DOCUMENTED)] == DOCUMENTED
    assert (document["rate_per_minute"], document["eta_s"]) == (300.0, 120.0)


def test_a_burst_beyond_the_runs_own_rate_promises_no_early_end() -> None:
    assert run(rate=100).eta_s(60.0) == 360.0


@pytest.mark.parametrize("state", ["paused", "done", "cancelled"])
def test_what_does_not_move_has_no_rate_and_no_eta(state: RunState) -> None:
    assert run(state=state).per_minute(60.0) == 0.0
    assert run(state=state).eta_s(60.0) is None


def test_a_run_with_nothing_open_is_over_now() -> None:
    assert run(open_items=0).eta_s(60.0) == 0.0
