"""Statuses that move by time: listed pairs of a status and how long it lasts, then an end."""

from dataclasses import dataclass
from typing import NamedTuple

from tieline.types import JsonObject


class Standing(NamedTuple):
    """Where a machine stands; `ended` is when it came to its end, None while it moves."""

    status: str
    ended: float | None


@dataclass(frozen=True, slots=True)
class Machine:
    """The statuses before the end, in order, each with the seconds it lasts by default."""

    pairs: tuple[tuple[str, float], ...]

    def seconds(self, told: JsonObject) -> list[float]:
        """How long each status lasts; `told` names statuses, in lower case, that last otherwise."""
        return [float(told.get(status.lower(), default)) for status, default in self.pairs]

    def at(self, now: float, *, started: float, seconds: list[float], end: str) -> Standing:
        """Where it stands now. `seconds` are those of `seconds()`, kept since the start."""
        moment = started
        for index, lasts in enumerate(seconds):
            moment += lasts
            if now < moment:
                return Standing(self.pairs[index][0], None)
        return Standing(end, moment)

    def of(self, document: JsonObject, *, now: float) -> Standing:
        """Where a document stands that keeps `started`, `seconds` and `end`."""
        return self.at(
            now, started=document["started"], seconds=document["seconds"], end=document["end"]
        )
