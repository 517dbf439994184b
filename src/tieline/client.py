"""`AsyncClient`: one organisation, and what can be done with it."""

from pathlib import Path
from types import TracebackType
from typing import Self

from tieline.config.load import load_profile
from tieline.config.profile import Profile
from tieline.observe.metrics import Metrics
from tieline.services.actions import AsyncActions
from tieline.services.connection import open_session
from tieline.services.flows import AsyncFlows
from tieline.services.functions import AsyncFunctions
from tieline.services.routing import AsyncRouting
from tieline.services.rules import AsyncRules
from tieline.services.runs import AsyncRuns
from tieline.services.session import Session
from tieline.types import DialectName


class AsyncClient:
    """Talks to one organisation; use it from one event loop, by any number of tasks.

    Nothing is opened before it is needed, and `async with` (or `aclose`) closes what was.
    """

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
    ) -> None:
        """Connect with these; what is left out comes from environment and `tieline.toml`.

        A `session` that was opened before (`tieline.services.connection`) stands for all of them.

        Raises:
            ConfigInvalid: a value is missing or wrong; names its source.
        """
        given = {
            "base_url": base_url,
            "region": region,
            "client_id": client_id,
            "client_secret": client_secret,
            "access_token": access_token,
            "api": api,
            "state_dir": None if state_dir is None else str(state_dir),
            "timeout": timeout,
            "retries": retries,
        }
        if session is None:
            overrides = {name: value for name, value in given.items() if value is not None}
            session = open_session(load_profile(overrides=overrides))
        self._session = session
        self.functions = AsyncFunctions(session)
        self.actions = AsyncActions(session)
        self.flows = AsyncFlows(session)
        self.routing = AsyncRouting(session)
        self.runs = AsyncRuns(session)
        self.rules = AsyncRules(session)

    @classmethod
    def from_profile(
        cls, name: str | None = None, *, state_dir: Path | str | None = None
    ) -> "AsyncClient":
        """Connect as `tieline.toml` and the environment say; `name` chooses among the profiles.

        Raises:
            ConfigInvalid: a value is missing or wrong; names its source.
        """
        overrides = {} if state_dir is None else {"state_dir": str(state_dir)}
        return cls(session=open_session(load_profile(name, overrides=overrides)))

    def with_options(
        self, *, timeout: float | None = None, retries: int | None = None
    ) -> "AsyncClient":
        """A view with another default deadline or number of retries; closing it closes both."""
        session = self._session.with_options(timeout=timeout, retries=retries)
        return AsyncClient(session=session)

    def __repr__(self) -> str:
        profile = self._session.profile
        return f"AsyncClient(profile={profile.name!r}, base_url={profile.base_url!r})"

    @property
    def profile(self) -> Profile:
        """What this client was made from."""
        return self._session.profile

    @property
    def metrics(self) -> Metrics:
        """What this client and its views counted so far."""
        return self._session.metrics

    async def aclose(self) -> None:
        """Close connections, and make the audit log durable."""
        await self._session.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()
