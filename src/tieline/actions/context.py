"""What a handler is given beside its request."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tieline.actions.outside import OutsideCalls
from tieline.clock import Clock
from tieline.errors import ConfigInvalid
from tieline.secret import Secret


@dataclass(frozen=True, slots=True)
class Context:
    """One call's surroundings. `trace_id` is the platform's correlation id for this very call."""

    action: str
    version: str
    trace_id: str
    deadline: float  # seconds of `clock.monotonic`
    clock: Clock
    base_log: Any  # a structlog logger
    secrets: Mapping[str, Secret]
    service: OutsideCalls | None = None

    @property
    def log(self) -> Any:
        """A structlog logger, bound to action, version and trace id."""
        return self.base_log.bind(action=self.action, version=self.version, trace_id=self.trace_id)

    @property
    def remaining(self) -> float:
        """Seconds left of the budget; the handler is cancelled when they are gone."""
        return max(0.0, self.deadline - self.clock.monotonic())

    @property
    def outside(self) -> OutsideCalls:
        """The outside service's pooled client.

        Raises:
            ConfigInvalid: no outside service is configured for this host.
        """
        if self.service is None:
            raise ConfigInvalid(
                f"{self.action} calls an outside service and none is configured",
                hint="set `[outside] base_url` in tieline.toml, or TIELINE_OUTSIDE_BASE_URL",
            )
        return self.service

    def secret(self, name: str) -> Secret:
        """Look a secret up by its name.

        Raises:
            ConfigInvalid: there is none of that name.
        """
        if name not in self.secrets:
            raise ConfigInvalid(
                f"{self.action} needs the secret {name!r} and it is not configured",
                hint=f"set TIELINE_SECRET_{name.upper()}",
            )
        return self.secrets[name]
