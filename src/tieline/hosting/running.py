"""Putting a hosted service together from settings, and taking it down again."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette

from tieline.actions.definition import Action
from tieline.actions.outside import OutsideService
from tieline.client import AsyncClient
from tieline.config.hosting import HostingSettings
from tieline.hosting.app import create_app
from tieline.hosting.authentication import Keys
from tieline.hosting.backend import ClientBackend
from tieline.hosting.surroundings import Surroundings
from tieline.observe.metrics import Metrics


@asynccontextmanager
async def hosted_service(
    actions: Sequence[Action],
    settings: HostingSettings,
    *,
    state_dir: Path,
    client: AsyncClient | None = None,
) -> AsyncIterator[Starlette]:
    """Make the application with its outside service and client; both are closed at the end."""
    async with AsyncExitStack() as stack:
        outside = None
        if settings.outside_base_url is not None:
            outside = OutsideService(settings.outside_base_url, settings.outside_key)
            stack.push_async_callback(outside.aclose)
        if client is not None:
            await stack.enter_async_context(client)
        yield create_app(
            Surroundings(
                actions,
                state_dir,
                Keys(settings.api_keys, settings.signing_keys),
                outside=outside,
                secrets=settings.secrets,
                backend=None if client is None else ClientBackend(client),
                metrics=Metrics() if client is None else client.metrics,
            )
        )
