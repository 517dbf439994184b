"""Clock, machine, script and journal: what moves an execution and what remembers it."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.emulator.clock import EmulatorClock, iso
from tieline.emulator.following_clock import FollowingClock
from tieline.emulator.journal import Entry, Journal
from tieline.emulator.machine import Machine
from tieline.emulator.rates import RateWindows
from tieline.emulator.script import play
from tieline.errors import InvalidInput

MACHINE = Machine((("queued", 1.0), ("running", 2.0)))
SECONDS = st.floats(0, 1000, allow_nan=False)


def test_virtual_time_stands_until_it_is_advanced() -> None:
    clock = EmulatorClock("virtual")
    before = clock.now()

    clock.advance(12.5)

    assert clock.now() == before + 12.5


def test_time_goes_on_from_where_it_stood() -> None:
    clock = EmulatorClock("virtual")
    clock.advance(1000)
    stood = clock.now()

    clock.start()
    clock.advance(10)

    assert clock.mode == "real"
    assert clock.now() >= stood + 10


@pytest.mark.parametrize("seconds", [-1.0, float("nan"), float("inf")])
def test_time_does_not_go_back_or_to_nowhere(seconds: float) -> None:
    with pytest.raises(InvalidInput):
        EmulatorClock().advance(seconds)


async def test_who_waits_on_a_following_clock_moves_the_emulators_time() -> None:
    clock = EmulatorClock("virtual")
    before = clock.now()

    await FollowingClock(clock).sleep(3)
    await FollowingClock(clock).sleep(-3)

    assert clock.now() == before + 3


@given(st.integers(0, 4_000_000_000_000))
def test_a_moment_is_written_in_utc_with_milliseconds(milliseconds: int) -> None:
    text = iso(milliseconds / 1000)

    assert text.endswith("Z")
    assert len(text) == len("2026-01-31T12:00:00.123Z")
    assert abs(datetime.fromisoformat(text).timestamp() * 1000 - milliseconds) <= 1


@given(SECONDS, SECONDS, st.lists(SECONDS, min_size=2, max_size=2))
def test_a_machine_never_goes_back_and_ends_after_all_its_statuses(
    one: float, other: float, lasting: list[float]
) -> None:
    order = {"queued": 0, "running": 1, "completed": 2}
    early, late = sorted((one, other))

    first = MACHINE.at(early, started=0.0, seconds=lasting, end="completed")
    second = MACHINE.at(late, started=0.0, seconds=lasting, end="completed")

    assert order[first.status] <= order[second.status]
    assert (second.status == "completed") == (late >= lasting[0] + lasting[1])


def test_a_fixture_says_how_long_a_status_lasts() -> None:
    assert MACHINE.seconds({"running": 9}) == [1.0, 9.0]


SCRIPT = {
    "cases": [
        {"when": {"id": "1", "vip": True}, "output": {"who": "first"}},
        {"when": {"id": "1"}, "ends": "failed", "error": "no"},
    ],
    "output": {"echo": {"$input": "id"}, "list": [{"$input": "missing"}]},
}


def test_the_first_case_that_is_part_of_the_input_is_played() -> None:
    assert play(SCRIPT, {"id": "1", "vip": True, "x": 0}).output == {"who": "first"}
    assert play(SCRIPT, {"id": "1"}).ends == "failed"


def test_an_output_refers_to_the_input() -> None:
    played = play(SCRIPT, {"id": "2"})

    assert (played.output, played.chosen) == ({"echo": "2", "list": [None]}, False)


def record(journal: Journal, effect: str | None, content: bytes | None) -> Entry:
    return journal.record(
        moment=0.0, method="POST", path="/p", query="", operation=None, dialect="guide",
        status=200, effect=effect, content=content,
    )  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c"]), st.booleans()), max_size=20))
def test_duplicates_are_the_effects_that_had_an_equal_request_before(
    requests: list[tuple[bytes, bool]],
) -> None:
    journal, first = Journal(), dict[bytes, int]()

    for content, carried_out in requests:
        entry = record(journal, "x" if carried_out else None, content)
        expected = first.get(content) if carried_out else None
        assert entry.duplicate_of == expected
        if carried_out:
            first.setdefault(content, entry.n)


def test_a_journal_keeps_the_latest_and_counts_the_rest() -> None:
    journal = Journal(most=3)
    for _ in range(5):
        record(journal, None, None)

    assert [entry.n for entry in journal.since()] == [3, 4, 5]
    assert [entry.n for entry in journal.since(4)] == [5]
    assert (journal.dropped, journal.last) == (2, 5)


@given(
    st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=60),
    st.integers(1, 5),
)
def test_no_window_lets_more_through_than_its_limit(gaps: list[float], most: int) -> None:
    windows, now, passed = RateWindows(), 0.0, dict[int, int]()

    for gap in gaps:
        now += gap
        refusal = windows.take("k", "h", most=most, seconds=60.0, now=now)
        if refusal is None:
            passed[int(now // 60)] = passed.get(int(now // 60), 0) + 1
        else:
            assert passed[int(now // 60)] == most
            assert refusal.retry_after is not None
            assert int((now + refusal.retry_after) // 60) > int(now // 60)

    assert all(count <= most for count in passed.values())
