"""How fast a run goes, from a few samples kept beside its counters."""

from collections.abc import Sequence
from dataclasses import dataclass

# Three windows of the platform's limit: a burst at the start of each does not swing the figure.
SPAN_SECONDS = 180.0
SAMPLE_SECONDS = 5.0
# A shorter look at a run says nothing about its pace.
SHORTEST_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Pace:
    """Samples of (wall seconds, items settled by then), oldest first."""

    samples: tuple[tuple[float, int], ...] = ()

    @classmethod
    def from_json(cls, samples: Sequence[Sequence[float]]) -> "Pace":
        """Read what `to_json` wrote."""
        return cls(tuple((float(at), int(settled)) for at, settled in samples))

    def to_json(self) -> list[list[float]]:
        """Pairs of time and count."""
        return [[at, settled] for at, settled in self.samples]

    def noting(self, now: float, settled: int) -> "Pace":
        """Add a sample where the last is old enough, and forget those beyond the span.

        A clock that went back starts the record anew: differences across the jump mean nothing.
        """
        if self.samples and now < self.samples[-1][0]:
            return Pace(((now, settled),))
        if self.samples and now - self.samples[-1][0] < SAMPLE_SECONDS:
            return self
        kept = tuple(sample for sample in self.samples if now - sample[0] <= SPAN_SECONDS)
        return Pace((*kept, (now, settled)))

    def per_minute(self, now: float) -> float:
        """Items settled a minute over the samples; 0 where there are none, or a clock jumped."""
        if len(self.samples) < 2:  # noqa: PLR2004  # a pace is a difference of two samples
            return 0.0
        (first_at, first), (last_at, last) = self.samples[0], self.samples[-1]
        # A run that stands still slows down on the display as time goes by.
        elapsed = max(last_at, min(now, last_at + SPAN_SECONDS)) - first_at
        if elapsed < SHORTEST_SECONDS or last < first:
            return 0.0
        return (last - first) * 60.0 / elapsed
