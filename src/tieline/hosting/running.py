"""Putting a hosted service together from settings, and taking it down again."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import anyio
from starlette.applications import Starlette

from tieline.actions.definition import Action
from tieline.actions.outside import OutsideService
from tieline.client import AsyncClient
from tieline.clock import SystemClock
from tieline.config.hosting import HostingSettings
from tieline.hosting.app import create_app
from tieline.hosting.authentication import Keys
from tieline.hosting.backend import ClientBackend
from tieline.hosting.callbacks import open_callbacks
from tieline.hosting.handler_records import HandlerRecords
from tieline.hosting.surroundings import Surroundings
from tieline.observe.metrics import Metrics
from tieline.store.segments.log import SegmentLog


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
        clock = SystemClock()
        records = await SegmentLog.open(
            state_dir / "audit",
            clock=clock,
            personal=() if client is None else client.profile.mask_names,
            plain=() if client is None else client.profile.plain_names,
        )
        stack.push_async_callback(records.aclose)
        callbacks, store = open_callbacks(
            state_dir, clock, networks=settings.callback_networks, secret=settings.callback_secret
        )
        stack.callback(store.close)
        tasks = await stack.enter_async_context(anyio.create_task_group())
        tasks.start_soon(callbacks.deliver)
        yield create_app(
            Surroundings(
                actions,
                state_dir,
                Keys(settings.api_keys, settings.signing_keys),
                outside=outside,
                secrets=settings.secrets,
                backend=None if client is None else ClientBackend(client),
                callbacks=callbacks,
                records=HandlerRecords(records),
                clock=clock,
                metrics=Metrics() if client is None else client.metrics,
            )
        )
        tasks.cancel_scope.cancel()
