"""`tieline actions serve`: hosting actions, and the strict gateway."""

from pathlib import Path
from typing import TYPE_CHECKING

from tieline.cli.context import DEFAULT, Options, Port
from tieline.cli.exits import Exit
from tieline.errors import ConfigInvalid

if TYPE_CHECKING:
    from tieline.client import AsyncClient
    from tieline.config.hosting import HostingSettings


async def serve(
    *modules: str,
    host: str = "127.0.0.1",
    port: Port = 8088,
    ready_file: Path | None = None,
    gateway: bool = True,
    options: Options = DEFAULT,
) -> int:
    """Host actions, and validate strictly in front of any action.

    Keys, the outside service and secrets come from the environment or .env:
    TIELINE_SERVE_API_KEYS, TIELINE_SERVE_SIGNING_KEYS, TIELINE_OUTSIDE_BASE_URL,
    TIELINE_OUTSIDE_KEY, TIELINE_SECRET_<NAME>. Without a key only this machine is answered.

    ```console
    tieline actions serve customer.py
    tieline actions serve shop.actions crm.actions --host 0.0.0.0 --port 8088
    ```

    Args:
        modules: MODULE or FILE.py, any number of them.
        host: Address to listen on; another than loopback needs a key.
        port: Port to listen on; 0 takes a free one.
        ready_file: Written with url and pid once requests are answered.
        gateway: Serve /v1/actions as well; needs a profile with credentials.
    """
    from tieline.actions.loading import load_actions
    from tieline.config.hosting import load_hosting
    from tieline.hosting.running import hosted_service
    from tieline.hosting.server import serve as serve_app
    from tieline.serving import listening

    settings = load_hosting()
    _check_exposure(host, settings, options)
    actions = [action for module in modules for action in load_actions(module)]
    _configure_logs(options)
    client = _client(options) if gateway else None
    with listening(host, port) as bound:
        async with hosted_service(
            actions, settings, state_dir=options.load_state_dir(), client=client
        ) as app:
            names = ", ".join(action.name for action in actions) or "no action"

            def announce(url: str) -> None:
                options.output.note(f"serving {names} at {url}")

            await serve_app(app, bound, announce=announce, ready_file=ready_file)
    return Exit.OK


def _check_exposure(host: str, settings: "HostingSettings", options: Options) -> None:
    if settings.api_keys or settings.signing_keys:
        return
    if host not in {"127.0.0.1", "::1", "localhost"}:
        raise ConfigInvalid(
            f"--host {host} would let others in, and no key is configured",
            hint="set TIELINE_SERVE_API_KEYS, or serve on 127.0.0.1",
        )
    options.output.note("no key is configured: only this machine is answered")


def _configure_logs(options: Options) -> None:
    import logging

    from tieline.observe.logs import configure_logs

    level = logging.WARNING if options.quiet else logging.INFO
    configure_logs(form="json" if options.json else "console", level=level)


def _client(options: Options) -> "AsyncClient | None":
    """The gateway's client; without credentials there is no gateway, and that is said."""
    from tieline.client import AsyncClient

    try:
        return AsyncClient.from_profile(options.profile, state_dir=options.state_dir)
    except ConfigInvalid as missing:
        options.output.note(f"no gateway: {missing.message}")
        return None
