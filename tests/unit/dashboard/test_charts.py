import json
from datetime import UTC, datetime
from typing import Any

from tieline.dashboard.charts import FEWEST_STEPS, WINDOWS, activity_charts, course_charts
from tieline.observe.activity import Activity
from tieline.runs.course import Course, Sample

NOW = datetime(2026, 1, 31, 12, 0, 30, tzinfo=UTC).timestamp()


def outcome(time: str, status: str, latency_ms: float = 20.0) -> dict[str, Any]:
    return {
        "log": "l", "seq": 0, "time": time, "phase": "outcome", "target_kind": "flow",
        "target_id": "f", "status": status, "latency_ms": latency_ms,
    }  # fmt: skip


def test_a_run_of_one_sample_has_no_chart() -> None:
    assert course_charts(Course((Sample(0.0, 1, 0, 0),))) == []


def test_a_run_is_drawn_as_its_pace_and_as_what_became_of_its_items() -> None:
    pace, items = course_charts(Course((Sample(0.0, 0, 0, 0), Sample(30.0, 50, 8, 2))))

    assert pace.series[0].values == [120.0]
    assert [(one.label, one.values) for one in items.series] == [
        ("done", [0, 50]), ("failed", [0, 8]), ("uncertain", [0, 2]),
    ]  # fmt: skip
    assert items.rows == [("1970-01-01 00:00:30", ["50", "8", "2"])]


def test_a_window_ends_now_begins_where_there_is_something_and_draws_what_occurred() -> None:
    activity = Activity()
    for time, status in [
        ("2026-01-31T11:20:00Z", "completed"), ("2026-01-31T12:00:01Z", "failed"),
        ("2026-01-31T12:00:02Z", "failed"),
    ]:  # fmt: skip
        activity.take(outcome(time, status))

    outcomes, latency = activity_charts(activity, WINDOWS[0], now=NOW)

    assert len(outcomes.at) == 42  # from one minute before the first
    assert outcomes.at[-1] == NOW - 30
    assert {one.label: sum(filter(None, one.values)) for one in outcomes.series} == {
        "completed": 1, "failed": 2,
    }  # fmt: skip
    assert latency.series[0].values[2] is None
    assert latency.series[0].values[-1] is not None
    assert json.loads(outcomes.data)["form"] == "stack"


def test_a_young_log_still_has_a_window_wide_enough_to_look_at() -> None:
    activity = Activity()
    activity.take(outcome("2026-01-31T12:00:01Z", "completed"))

    assert len(activity_charts(activity, WINDOWS[0], now=NOW)[0].at) == FEWEST_STEPS


def test_what_ended_before_the_window_is_not_drawn() -> None:
    activity = Activity()
    activity.take(outcome("2026-01-01T12:00:01Z", "completed"))

    assert all(activity_charts(activity, window, now=NOW) == [] for window in WINDOWS)
