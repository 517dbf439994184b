"""Charts as data: what is drawn, and the table that says the same. Pure.

The page carries a chart's numbers in an attribute; `static/dashboard.js` draws them with uPlot.
Without it the table remains.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import orjson

from tieline.dashboard.showing import moment, number
from tieline.observe.activity import MOST_HOURS, MOST_MINUTES, STATUSES, Activity, Slot
from tieline.runs.course import Course

Form = Literal["lines", "stack"]
# What a table under a chart shows of it: the latest.
MOST_ROWS = 30
# Narrower than that a chart over time says nothing.
FEWEST_STEPS = 15


@dataclass(frozen=True, slots=True)
class Series:
    """One line or layer; `tone` is the name of a colour of the style sheet."""

    label: str
    tone: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """Series over time (wall seconds). `unit` is what the values count."""

    id: str
    title: str
    unit: str
    form: Form
    at: Sequence[float]
    series: Sequence[Series]

    @property
    def data(self) -> str:
        """What the script reads."""
        document: dict[str, Any] = {
            "form": self.form,
            "unit": self.unit,
            "at": list(self.at),
            "series": [
                {"label": one.label, "tone": one.tone, "values": list(one.values)}
                for one in self.series
            ],
        }
        return orjson.dumps(document).decode()

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """The latest moments that have any value, the newest first, with the values as text."""
        found = []
        for place in range(len(self.at) - 1, -1, -1):
            values = [one.values[place] for one in self.series]
            if any(values):
                shown = ["" if value is None else number(value) for value in values]
                found.append((moment(self.at[place]), shown))
            if len(found) == MOST_ROWS:
                break
        return found


def course_charts(course: Course) -> list[Chart]:
    """How fast a run went, and what came of its items. None before there are two samples."""
    pace = course.per_minute()
    if not pace:
        return []
    samples = course.samples
    return [
        Chart(
            "pace", "Items a minute", "items/min", "lines",
            [at for at, _ in pace],
            [Series("settled", "done", [round(rate, 1) for _, rate in pace])],
        ),
        Chart(
            "course", "Items so far", "items", "lines",
            [one.at for one in samples],
            [
                Series("done", "done", [one.done for one in samples]),
                Series("failed", "failed", [one.failed for one in samples]),
                Series("uncertain", "uncertain", [one.uncertain for one in samples]),
            ],
        ),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time in steps, as an `Activity` counts it."""

    id: str
    title: str
    seconds: int
    steps: int
    form: str  # of a slot's name
    slots: Callable[[Activity], Mapping[str, Slot]]


WINDOWS = (
    Window(
        "minutes", "the last three hours, by minute", 60, MOST_MINUTES, "%Y-%m-%dT%H:%M",
        lambda activity: activity.minutes,
    ),
    Window(
        "hours", "the last two weeks, by hour", 3600, MOST_HOURS, "%Y-%m-%dT%H",
        lambda activity: activity.hours,
    ),
)  # fmt: skip


def activity_charts(activity: Activity, window: Window, *, now: float) -> list[Chart]:
    """Outcomes and latency over a window that ends now; none where nothing ended in it."""
    last = int(now) // window.seconds * window.seconds
    at = [float(last - window.seconds * back) for back in range(window.steps - 1, -1, -1)]
    known = window.slots(activity)
    names = [datetime.fromtimestamp(moment_, UTC).strftime(window.form) for moment_ in at]
    slots = [known.get(name) for name in names]
    if not any(slots):
        return []
    # From where there is something, so that a log of ten minutes is not a line at the edge.
    first = next(place for place, slot in enumerate(slots) if slot)
    first = min(max(0, first - 1), len(at) - FEWEST_STEPS)
    at, slots = at[first:], slots[first:]
    outcomes = [
        Series(status, status, [0 if slot is None else slot.by_status[status] for slot in slots])
        for status in STATUSES
    ]
    return [
        Chart(
            f"outcomes-{window.id}", f"Invocations that ended, {window.title}", "invocations",
            "stack", at, [one for one in outcomes if any(one.values)],
        ),
        Chart(
            f"latency-{window.id}", f"Latency, {window.title}", "ms", "lines", at,
            [
                Series("median", "done", [_quantile(slot, 0.5) for slot in slots]),
                Series("95th percentile", "uncertain", [_quantile(slot, 0.95) for slot in slots]),
            ],
        ),
    ]  # fmt: skip


def _quantile(slot: Slot | None, share: float) -> float | None:
    found = None if slot is None else slot.seconds.quantile(share)
    return None if found is None else round(found * 1000, 1)
