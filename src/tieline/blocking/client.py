"""Generated from `src/tieline/client.py` by `make generate`: do not edit."""

from pathlib import Path
from types import TracebackType
from typing import Self

from tieline.blocking.actions import Actions
from tieline.blocking.flows import Flows
from tieline.blocking.functions import Functions
from tieline.blocking.portal import Portal
from tieline.blocking.routing import Routing
from tieline.blocking.rules import Rules
from tieline.blocking.runs import Runs
from tieline.client import AsyncClient
from tieline.config.profile import Profile
from tieline.observe.metrics import Metrics
from tieline.services.session import Session
from tieline.types import DialectName


class Client:
    """Talks to one organisation; use it from any number of threads.

    Nothing is opened before it is needed, and `with` (or `close`) closes what was.
    """

    __slots__ = (
        "__weakref__",
        "_async",
        "_portal",
        "actions",
        "flows",
        "functions",
        "routing",
        "rules",
        "runs",
    )

    def __init__(
        self,
        *,
        base_url: str | None = None,
        region: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        access_token: str | None = None,
        api: DialectName | None = None,
        state_dir: Path | str | None = None,
        timeout: float | None = None,
        retries: int | None = None,
        session: Session | None = None,
        wrapped: AsyncClient | None = None,
        portal: Portal | None = None,
    ) -> None:
        """Connect with these; what is left out comes from environment and `tieline.toml`.

        A `session` that was opened before (`tieline.services.connection`) stands for all of them.

        Raises:
            ConfigInvalid: a value is missing or wrong; names its source.

        `wrapped` and `portal` are how views share a client and its thread.
        """
        self._async = (
            AsyncClient(
                base_url=base_url,
                region=region,
                client_id=client_id,
                client_secret=client_secret,
                access_token=access_token,
                api=api,
                state_dir=state_dir,
                timeout=timeout,
                retries=retries,
                session=session,
            )
            if wrapped is None
            else wrapped
        )
        self._portal = Portal() if portal is None else portal
        self.functions = Functions(self._async.functions, self._portal)
        self.actions = Actions(self._async.actions, self._portal)
        self.flows = Flows(self._async.flows, self._portal)
        self.routing = Routing(self._async.routing, self._portal)
        self.runs = Runs(self._async.runs, self._portal)
        self.rules = Rules(self._async.rules, self._portal)
        if portal is None:
            self._portal.close_at_exit(self.close)

    def __repr__(self) -> str:
        return repr(self._async).removeprefix("Async")

    @classmethod
    def from_profile(
        cls, name: str | None = None, *, state_dir: Path | str | None = None
    ) -> "Client":
        """Connect as `tieline.toml` and the environment say; `name` chooses among the profiles.

        Raises:
            ConfigInvalid: a value is missing or wrong; names its source.
        """
        return Client(wrapped=AsyncClient.from_profile(name, state_dir=state_dir))

    def with_options(self, *, timeout: float | None = None, retries: int | None = None) -> "Client":
        """A view with another default deadline or number of retries; closing it closes both."""
        return Client(
            wrapped=self._async.with_options(timeout=timeout, retries=retries), portal=self._portal
        )

    @property
    def profile(self) -> Profile:
        """What this client was made from."""
        return self._async.profile

    @property
    def metrics(self) -> Metrics:
        """What this client and its views counted so far."""
        return self._async.metrics

    def close(self) -> None:
        """Close connections, and make the audit log durable."""
        self._portal.close(self._async.aclose)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
