"""How a run went from its beginning: a bounded number of samples, however long it takes.

When there are too many, every other one is dropped and the next ones are taken half as often; so a
run of a minute is known by seconds, one of a day by minutes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

MOST_SAMPLES = 240
FIRST_STEP_SECONDS = 5.0
# A shorter look at a run says nothing about its pace.
SHORTEST_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Sample:
    """Items that had left the queue by a moment (wall seconds), by how they did."""

    at: float
    done: int
    failed: int
    uncertain: int

    @property
    def settled(self) -> int:
        """All of them."""
        return self.done + self.failed + self.uncertain


@dataclass(frozen=True, slots=True)
class Course:
    """Samples, the oldest first, at most `MOST_SAMPLES`, at least `step` seconds apart."""

    samples: tuple[Sample, ...] = ()
    step: float = FIRST_STEP_SECONDS

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Course":
        """Read what `to_json` wrote; an empty document is a course without samples."""
        rows = document.get("samples", ())
        samples = tuple(Sample(float(at), int(d), int(f), int(u)) for at, d, f, u in rows)
        return cls(samples, float(document.get("step", FIRST_STEP_SECONDS)))

    def to_json(self) -> dict[str, Any]:
        """The document the ledger stores: the step, and a row a sample."""
        rows = [[one.at, one.done, one.failed, one.uncertain] for one in self.samples]
        return {"step": self.step, "samples": rows}

    def noting(self, sample: Sample) -> "Course":
        """Add a sample, unless the last one is younger than the step.

        A clock that went back drops the samples that would be in the future.
        """
        kept = tuple(one for one in self.samples if one.at < sample.at)
        if len(kept) == len(self.samples) and kept and sample.at - kept[-1].at < self.step:
            return self
        grown = (*kept, sample)
        if len(grown) <= MOST_SAMPLES:
            return Course(grown, self.step)
        return Course(grown[::2], self.step * 2)

    def ending(self, sample: Sample) -> "Course":
        """Add the last sample, whatever the step; it takes the place of one that was too young."""
        young = len(self.samples) > 1 and sample.at - self.samples[-1].at < self.step
        kept = self.samples[:-1] if young else self.samples
        kept = tuple(one for one in kept if one.at < sample.at)
        return Course((*kept, sample)[-MOST_SAMPLES:], self.step)

    def per_minute(self) -> list[tuple[float, float]]:
        """(wall seconds, items a minute since the sample before), the oldest first."""
        return [
            (after.at, max(0, after.settled - before.settled) * 60.0 / (after.at - before.at))
            for before, after in pairwise(self.samples)
            if after.at - before.at >= SHORTEST_SECONDS
        ]
