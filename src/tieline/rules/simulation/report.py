"""What a simulation found, as commands and services tell it: docs/reference/simulation.md."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from tieline.rules.simulation.hours import NO_HOUR
from tieline.rules.simulation.question import Question
from tieline.rules.simulation.tally import Tally
from tieline.rules.simulation.wilson import interval95

# More points than this make no chart: a longer history is told by the day.
MOST_HOURS = 14 * 24
DAY = len("2026-01-31")


@dataclass(frozen=True, slots=True)
class Simulation:
    """A question, what a history answered, and how long that took."""

    question: Question
    tally: Tally
    elapsed_ms: float

    @property
    def judged(self) -> int:
        """Records that could be evaluated."""
        return self.tally.records - self.tally.invalid

    @property
    def matched(self) -> int:
        """Records that some rule takes."""
        return sum(self.tally.won)

    @property
    def match_rate(self) -> float:
        """Share of the judged records that some rule takes; 0 where none was judged."""
        return _rate(self.matched, self.judged)

    @property
    def interval95(self) -> tuple[float, float]:
        """Where the rate of such records lies, 95 times of 100 (Wilson)."""
        return interval95(self.matched, self.judged)

    def to_json(self) -> dict[str, Any]:
        """Render the document of `rules simulate --json`."""
        tally = self.tally
        return {
            "records": tally.records,
            "invalid": tally.invalid,
            "matched": self.matched,
            "match_rate": self.match_rate,
            "interval95": list(self.interval95),
            "unmatched": self.judged - self.matched,
            "rules": self._rules(),
            "moved": self._moved(),
            "invalid_rows": [
                {"row": row + 1, "problem": problem} for row, problem in tally.invalid_rows
            ],
            "series": self._series(),
            "elapsed_ms": round(self.elapsed_ms, 3),
        }

    def _rules(self) -> list[dict[str, Any]]:
        tally = self.tally
        names = [rule.name for rule in self.question.ruleset.ordered()]
        lost: dict[int, dict[str, int]] = defaultdict(dict)
        for (place, winner), number in sorted(tally.lost.items()):
            lost[place][names[winner]] = number
        return [
            {
                "name": name,
                "matched": tally.matched[place],
                "won": tally.won[place],
                "lost_to": lost[place],
                "match_rate": _rate(tally.matched[place], self.judged),
                "cost_ns": tally.nanoseconds[place],
            }
            for place, name in enumerate(names)
        ]

    def _moved(self) -> list[dict[str, Any]]:
        tally = self.tally
        return [
            {
                "from": old,
                "to": new,
                "count": number,
                "elsewhere": (old, new) in tally.elsewhere,
                "samples": [
                    {"row": row + 1, "record": record}
                    for row, record in tally.samples.get((old, new), [])
                ],
            }
            for (old, new), number in tally.moved.most_common()
        ]

    def _series(self) -> dict[str, Any] | None:
        """Records by hour, or by day where there would be too many hours; None without times."""
        time = self.question.time()
        if time is None:
            return None
        hours = {hour for hour, _ in self.tally.by_hour if hour != NO_HOUR}
        unit = "hour" if len(hours) <= MOST_HOURS else "day"
        counts: dict[str, Counter[int]] = defaultdict(Counter)
        for (hour, winner), number in self.tally.by_hour.items():
            if hour != NO_HOUR:
                counts[hour if unit == "hour" else hour[:DAY]][winner] += number
        return {
            "field": time.name,
            "unit": unit,
            "points": [self._point(at, counts[at]) for at in sorted(counts)],
        }

    def _point(self, at: str, winners: Counter[int]) -> dict[str, Any]:
        names = [rule.name for rule in self.question.ruleset.ordered()]
        none = len(names)
        return {
            "at": at,
            "records": winners.total(),
            "matched": winners.total() - winners[none],
            "won": {names[w]: winners[w] for w in sorted(winners) if w != none},
        }


def _rate(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
