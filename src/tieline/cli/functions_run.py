"""`tieline functions run`: custom code on this machine, isolated, with the platform's limits."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import anyio
from cyclopts import Parameter

from tieline.cli.context import DEFAULT, Options
from tieline.cli.exits import Exit
from tieline.cli.input import JsonInput, read_json

if TYPE_CHECKING:
    from tieline.sandbox.result import RunResult

TierName = Literal["process", "confined", "hardened"]


def run(
    path: Path,
    /,
    *,
    input: JsonInput,  # noqa: A002  # the option is --input
    runtime: Literal["python", "node"] | None = None,
    handler: str | None = None,
    timeout: float = 30.0,
    memory: int = 256,
    tier: TierName | None = None,
    require_tier: TierName | None = None,
    allow_package: Annotated[list[str] | None, Parameter(negative="")] = None,
    env: Annotated[list[str] | None, Parameter(negative="")] = None,
    options: Options = DEFAULT,
) -> int:
    r"""Run a handler on this machine, isolated, with the limits it will meet remotely.

    The handler has no network, reads its own files alone and inherits nothing of this environment.

    ```console
    tieline functions run src/enrich.py --input '{"customerId": "10024"}'
    tieline functions run . --handler src/index.handler --input @event.json \
        --require-tier confined
    ```

    Args:
        path: The code: a file, which may then read only itself, or the folder of a package.
        input: The event: literal JSON, @file, or - for stdin.
        runtime: Needed only where the folder holds code of both.
        handler: FILE:NAME, or as the platform writes it: src/index.handler.
        timeout: Seconds until it is ended.
        memory: Megabytes it may use.
        tier: Exactly this tier; by default confined, and process where that is not available.
        require_tier: At least this tier; nothing is run where it is not available.
        allow_package: A package the handler may import; give it once each. Without it: any.
        env: NAME=VALUE for the handler's environment, which is otherwise empty.
    """
    from tieline.sandbox.limits import Limits
    from tieline.sandbox.sandbox import run_handler

    event = read_json(input)
    limits = Limits(wall_s=timeout, memory_mb=memory)
    environment = _environment(env or [])

    async def once() -> "RunResult":
        return await run_handler(
            path,
            event,
            runtime=runtime,
            handler=handler,
            limits=limits,
            tier=tier,
            require_tier=require_tier,
            allowed_packages=allow_package,
            environment=environment,
        )

    ended = anyio.run(once)
    return _show(ended, options)


def _show(ended: "RunResult", options: Options) -> int:
    output = options.output
    if ended.tier == "process":
        output.note("tier process: limits are kept, files and network of this machine are not shut")
    if output.mode == "text":
        for line in ended.logs:
            output.note(f"{line.stream}: {line.text.rstrip()}")
    output.result(ended.to_json())
    if ended.status == "completed":
        return Exit.OK
    return Exit.GAVE_UP if ended.reason == "tier_unavailable" else Exit.FAILED


def _environment(given: list[str]) -> dict[str, str]:
    from tieline.errors import InvalidInput

    pairs = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not name or not equals:
            raise InvalidInput("--env: expected NAME=VALUE")
        pairs[name] = value
    return pairs
