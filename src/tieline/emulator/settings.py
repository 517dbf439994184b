"""What can be switched about the emulator itself."""

from dataclasses import asdict, dataclass
from typing import Any

from tieline.errors import InvalidInput
from tieline.types import JsonObject

# A day: what waits for the platform longer than that waits for nothing.
LONGEST_SECONDS = 86_400.0
_STATUSES = (400, 599)


@dataclass(frozen=True, slots=True)
class Settings:
    """The `settings` of a fixture."""

    enforce_rate_limits: bool = False
    """Count requests against the platform's limits per minute; off, only faults limit."""
    wrong_secret_status: int = 401
    """What a wrong secret is answered with; some pages of the platform show 400."""
    flow_visible_after_seconds: float = 0.0
    """How long a launched execution cannot be read yet (404), as the platform may do."""
    decision_table_prepare_seconds: float = 1.0
    """How long a version with copied rows is Preparing; seconds to minutes on the platform."""
    decision_table_settle_seconds: float = 0.2
    """How long after a change of rows a publish answers 409."""
    decision_table_job_seconds: float = 0.5
    """How long an export is Pending, and an uploaded import Processing."""
    decision_table_delete_seconds: float = 1.0
    """How long a deleted table can be read yet; up to three minutes on the platform."""

    @classmethod
    def read(cls, document: JsonObject) -> "Settings":
        """Read the settings that are given, the rest by default.

        Raises:
            InvalidInput: a setting that does not exist, or a value that it cannot have.
        """
        unknown = sorted(set(document) - set(cls.__dataclass_fields__))
        if unknown:
            raise InvalidInput(
                f"fixture: settings: there is no {', '.join(unknown)}",
                hint=f"settings are {', '.join(cls.__dataclass_fields__)}",
            )
        for name, value in document.items():
            if not _fits(value, cls.__dataclass_fields__[name].default):
                raise InvalidInput(
                    f"fixture: settings: {name} cannot be {value!r}",
                    hint=f"for example {name}: {cls.__dataclass_fields__[name].default!r}",
                )
        return cls(**document)

    def dump(self) -> dict[str, Any]:
        """The fixture form."""
        return asdict(self)


def _fits(value: object, default: object) -> bool:
    """Whether a value is of the kind of a setting's default: a switch, a status or seconds."""
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, int):
        return isinstance(value, int) and _STATUSES[0] <= value <= _STATUSES[1]
    return isinstance(value, int | float) and 0 <= value <= LONGEST_SECONDS
