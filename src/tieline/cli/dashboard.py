"""`tieline dashboard`: what the state folder holds, in a browser."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from tieline.cli.context import DEFAULT, Options, Port
from tieline.cli.exits import Exit
from tieline.errors import ConfigInvalid

if TYPE_CHECKING:
    from tieline.dashboard.access import Access

Store = Annotated[str, Parameter(env_var="TIELINE_STORE")]
"""Type of `--store`: `sqlite`, or a PostgreSQL URL that several machines share."""


def dashboard(
    *,
    host: str = "127.0.0.1",
    port: Port = 8090,
    ready_file: Path | None = None,
    token_file: Path | None = None,
    allow_host: list[str] | None = None,
    store: Store = "sqlite",
    options: Options = DEFAULT,
) -> int:
    r"""Show runs, audit log, rules, webhooks and metrics of the state folder in a browser.

    It reads only: no call to the platform, no credentials, and what changes something is shown as
    a command to type. Ctrl-C stops it. From other machines than this one a token is asked for; it
    is in --token-file, or in TIELINE_DASHBOARD_TOKEN.

    ```console
    tieline dashboard
    tieline demo --keep demo-state && tieline dashboard --state-dir demo-state
    tieline dashboard --host 0.0.0.0 --token-file token.txt \
        --allow-host ops.example.org
    ```

    Args:
        host: Address to listen on; another than loopback needs a token.
        port: Port to listen on; 0 takes a free one.
        ready_file: Written with url and pid once requests are answered.
        token_file: File with the token that is asked for, at least 16 characters.
        allow_host: Name under which the dashboard is reached beside its addresses; several times
            for several.
        store: Where the ledger of runs is: sqlite, or a postgresql:// URL.
    """
    from tieline.cli.output import print_line
    from tieline.dashboard.serving import Served, serve

    access = _access(host, token_file, allow_host or [])
    if access.token is None:
        options.output.note("no token is configured: only this machine is answered")
    state_dir = options.load_state_dir()
    named = options.state_dir is not None
    served = Served(state_dir, store=store, access=access, name_state_dir=named)

    def ready(line: str) -> None:
        if ready_file is not None:
            from tieline.serving import write_whole

            write_whole(ready_file, line)
        print_line(line)
        options.output.note("the dashboard is ready; Ctrl-C stops it")

    # Ctrl-C is how a server is stopped, and not an interruption of anything.
    with suppress(KeyboardInterrupt):
        serve(served, host=host, port=port, ready=ready)
    return Exit.OK


def _access(host: str, token_file: Path | None, names: list[str]) -> "Access":
    import secrets

    from tieline.config.dashboard import load_token
    from tieline.dashboard.access import Access, is_loopback_host

    token, loopback = load_token(token_file), is_loopback_host(host)
    if token is None and not loopback:
        raise ConfigInvalid(
            f"--host {host} would let others look, and no token is configured",
            hint="give --token-file or TIELINE_DASHBOARD_TOKEN, or listen on 127.0.0.1",
        )
    return Access(secrets.token_bytes(32), token, tuple(names), loopback=loopback)
