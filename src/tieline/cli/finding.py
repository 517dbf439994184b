"""What one check of `tieline doctor` found."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Level = Literal["ok", "warning", "problem", "unknown"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. `unknown`: the check could not run, and `message` says why.

    Only a `problem` makes doctor fail; a `warning` may be what was meant.
    """

    check: str
    level: Level
    message: str
    fix: str = ""

    def to_json(self) -> dict[str, Any]:
        """The entry of doctor's `checks`."""
        return asdict(self)

    def line(self) -> str:
        """The line people read, the fix below it."""
        head = f"{self.level:<8} {self.check:<12} {self.message}"
        return f"{head}\n{'':<22}fix: {self.fix}" if self.fix else head
