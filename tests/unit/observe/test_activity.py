from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tieline.observe.activity import MOST_MINUTES, MOST_RECENT, Activity


def outcome(seq: int = 0, **members: Any) -> dict[str, Any]:
    return {
        "log": "l", "seq": seq, "time": "2026-01-31T12:00:01.000Z", "phase": "outcome",
        "operation": "flows.launch", "target_kind": "flow", "target_id": "f1",
        "status": "completed", "attempts": 1, "latency_ms": 20.0, **members,
    }  # fmt: skip


def taken(*records: dict[str, Any]) -> Activity:
    activity = Activity()
    for record in records:
        activity.take(record)
    return activity


def test_an_invocation_is_counted_when_it_ended_and_not_when_it_was_launched() -> None:
    activity = taken(
        {**outcome(), "phase": "intent", "status": None}, outcome(status="running"), outcome(seq=7)
    )

    assert activity.records == 3
    assert activity.by_status == {"completed": 1}
    assert [one.seq for one in activity.recent] == [7]


def test_what_the_platform_refused_is_no_invocation_and_is_counted_apart() -> None:
    activity = taken(outcome(status="refused"))

    assert (activity.refused, activity.by_status) == (1, {})


def test_repeats_are_the_requests_beyond_the_first_and_codes_those_of_errors() -> None:
    limited = outcome(status="failed", attempts=4, error={"code": "RATE_LIMITED", "message": "x"})
    activity = taken(limited, limited, outcome(attempts=2), outcome(attempts=True))

    assert activity.repeats == 7
    assert activity.codes == {"RATE_LIMITED": 2}


def test_a_minute_has_its_outcomes_and_its_latency() -> None:
    activity = taken(outcome(), outcome(status="failed", latency_ms=4000.0))

    slot = activity.minutes["2026-01-31T12:00"]
    assert slot.by_status == {"completed": 1, "failed": 1}
    assert slot.seconds.count == 2
    assert activity.hours["2026-01-31T12"].by_status == slot.by_status


def test_memory_is_bounded_however_long_the_log_is_and_the_newest_is_kept() -> None:
    times = [f"2026-01-{day:02d}T{hour:02d}:00:00Z" for day in range(1, 29) for hour in range(24)]
    activity = taken(*(outcome(seq=seq, time=time) for seq, time in enumerate(times)))

    assert len(activity.minutes) == MOST_MINUTES
    assert max(activity.minutes) == "2026-01-28T23:00"
    assert len(activity.recent) == MOST_RECENT


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
NAMES = ("phase", "operation", "target_kind", "target_id", "status", "attempts", "latency_ms",
         "error")  # fmt: skip


@given(st.dictionaries(st.sampled_from(NAMES), json_values))
def test_no_record_whatever_it_holds_stops_the_counting(members: dict[str, Any]) -> None:
    activity = taken(outcome(**members), outcome(status="completed", phase="outcome"))

    assert activity.by_status["completed"] >= 1
