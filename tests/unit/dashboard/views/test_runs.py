from typing import Any

import pytest

from tieline.dashboard.commands import Commands
from tieline.dashboard.views.runs import hints, items_page, run_view
from tieline.runs.item import ItemState
from tieline.runs.pace import Pace
from tieline.runs.run import Counts, RunSpec, RunState, RunStatus
from tieline.store.ledger.reading import Item, Stored

NOW = 1_700_000_100.0
SPEC = RunSpec(kind="flow", target_id="f1", name="callbacks", profile="emea")


def plain(text: str) -> str:
    return text


def run(
    state: RunState = "running",
    counts: Counts = Counts(10, 4, 1, 3, 1, 1),  # noqa: B008  # frozen
    **more: Any,
) -> RunStatus:
    return RunStatus("run-1", SPEC, state, counts, created_at=NOW - 200, **more)


def item(seq: int, state: ItemState = "failed", error: object = None) -> Item:
    return Item(
        seq=seq, line=seq, reference=f"ref-{seq}", input={"secret": "s3cret"}, state=state,
        attempts=1, sent_at=NOW, settled_at=NOW, status=None, execution_id=None,
        correlation_id=None, result={"secret": "s3cret"}, error=error,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("settled", "total", "said"),
    [(0, 0, "0 %"), (0, 10, "0 %"), (1, 3, "33.3 %"), (99_999, 100_000, "99.9 %"), (5, 5, "100 %")],
)
def test_a_run_that_is_not_over_is_never_shown_as_over(settled: int, total: int, said: str) -> None:
    counts = Counts(total, total - settled, 0, settled, 0, 0)

    assert run_view(Stored(1, run(counts=counts), 10), now=NOW, scrub=plain).percent == said


def test_one_failure_in_a_million_is_wide_enough_to_be_seen() -> None:
    counts = Counts(1_000_000, 0, 0, 999_999, 1, 0)

    parts = run_view(Stored(1, run(counts=counts), 10), now=NOW, scrub=plain).parts

    assert [(part.word, part.width >= 0.4) for part in parts] == [("done", True), ("failed", True)]


def test_pace_and_time_left_are_those_of_a_run_that_goes_on() -> None:
    pace = Pace(((NOW - 60, 0), (NOW, 30)))
    going = run_view(Stored(1, run(pace=pace), 10), now=NOW, scrub=plain)
    paused = run_view(Stored(1, run("paused", pace=pace), 10), now=NOW, scrub=plain)

    assert (going.rate, going.eta) == ("30/min", "10 s")
    assert (paused.rate, paused.eta, paused.note) == ("", "", "not started")


@pytest.mark.parametrize(
    ("more", "note"),
    [
        ({"started_at": NOW}, "nobody works on it"),
        ({"started_at": NOW, "reason": "permission denied"}, "permission denied"),
        (
            {"started_at": NOW, "reason": "the quota is used up", "resumes_at": NOW},
            "the quota is used up; goes on at 2023-11-14 22:15:00 UTC",
        ),
    ],
    ids=["left", "stopped by an error", "waits for a quota"],
)
def test_a_paused_run_says_why(more: dict[str, object], note: str) -> None:
    assert run_view(Stored(1, run("paused", **more), 10), now=NOW, scrub=plain).note == note


@pytest.mark.parametrize(
    ("state", "uncertain", "verbs"),
    [
        ("running", 0, ["watch", "cancel", "export"]),
        ("paused", 0, ["resume", "cancel", "export"]),
        ("done", 0, ["export"]),
        ("cancelled", 2, ["resolve", "resolve", "export"]),
    ],
)
def test_what_can_be_done_depends_on_how_the_run_stands(
    state: RunState, uncertain: int, verbs: list[str]
) -> None:
    found = hints(run(state, Counts(9, 0, 0, 9 - uncertain, 0, uncertain)), Commands())

    assert [hint.command.split()[2] for hint in found] == verbs
    resumes = [hint.command for hint in found if "resume" in hint.command]
    assert all("--profile emea" in command for command in resumes)


def test_a_page_of_items_ends_where_the_next_begins_and_shows_neither_input_nor_result() -> None:
    items = [item(seq, error={"code": "GENESYS_API_400", "message": "no"}) for seq in (3, 5, 8)]

    page = items_page(items, only="failed", limit=2, scrub=plain)

    assert ([one.seq for one in page.items], page.after) == ([3, 5], 5)
    assert page.items[0].error == "GENESYS_API_400: no"
    assert "s3cret" not in repr(page)
    assert items_page(items[:2], only="failed", limit=2, scrub=plain).after is None


def test_references_and_errors_are_masked() -> None:
    page = items_page(
        [item(1, error="ann said no")],
        only=None,
        limit=5,
        scrub=lambda text: text.replace("a", "*"),
    )

    assert page.items[0].error == "*nn s*id no"
