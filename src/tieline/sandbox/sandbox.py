"""The sandbox as its users hold it: pools of ready processes, one method to run a handler."""

import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import gettempdir
from types import TracebackType
from typing import Any, Self

import anyio
import orjson

from tieline.errors import InvalidInput, LimitExceeded
from tieline.sandbox.handler import Handler, find_handler
from tieline.sandbox.installation import installation
from tieline.sandbox.jail.spec import SlotSpec
from tieline.sandbox.keeping import Keeping
from tieline.sandbox.limits import MOST_EVENT_BYTES, Limits, Runtime, Tier
from tieline.sandbox.result import RunResult
from tieline.sandbox.tiers import TierUnavailable, available_tiers, choose_tier
from tieline.types import Json

# The platform fills in its own ids; locally they are recognisably not real ones.
_NOBODY = "00000000-0000-0000-0000-000000000000"


class Sandbox:
    """Processes kept ready to run handlers; a context manager, sync or async.

    Safe for concurrent runs from one event loop. Every run gets processes of its own, used once.
    """

    def __init__(self, *, ready: int = 2, concurrency: int = 16) -> None:
        """`ready` processes wait for every kind of run in use; at most `concurrency` run at once.

        Nothing is started before the first run, or `warm`.
        """
        self._keeping = Keeping(ready=ready)
        self._running = anyio.CapacityLimiter(concurrency)

    async def run(
        self,
        path: str | Path,
        event: Json,
        *,
        runtime: Runtime | None = None,
        handler: str | None = None,
        limits: Limits | None = None,
        tier: Tier | None = None,
        require_tier: Tier | None = None,
        allowed_packages: Sequence[str] | None = None,
        environment: Mapping[str, str] | None = None,
        client_context: Mapping[str, str] | None = None,
    ) -> RunResult:
        """Run a handler once, isolated, and say how it ended; see `run_handler`."""
        found = find_handler(path, runtime=runtime, handler=handler)
        limits = limits or Limits()
        _check_event(event)
        try:
            chosen = choose_tier(available_tiers(), tier=tier, require=require_tier)
        except TierUnavailable as exc:
            return _nothing_ran(str(exc))
        job = _job(
            found,
            event,
            limits,
            allowed_packages=allowed_packages,
            environment=environment,
            client_context=client_context,
        )
        async with self._running:
            spec = slot_spec(found, chosen, limits)
            slot = self._keeping.take(spec)
            ended = await slot.run(job, limits)
            self._keeping.fill(spec)
            return ended

    async def warm(
        self,
        path: str | Path,
        *,
        runtime: Runtime | None = None,
        handler: str | None = None,
        limits: Limits | None = None,
        tier: Tier | None = None,
    ) -> None:
        """Start the processes for this code before its first run."""
        found = find_handler(path, runtime=runtime, handler=handler)
        try:
            chosen = choose_tier(available_tiers(), tier=tier, require=None)
        except TierUnavailable:
            return  # the run says so, in its result
        self._keeping.fill(slot_spec(found, chosen, limits or Limits()))
        await anyio.lowlevel.checkpoint()

    def close(self) -> None:
        """End every process of this sandbox."""
        self._keeping.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


async def run_handler(
    path: str | Path,
    event: Json,
    *,
    runtime: Runtime | None = None,
    handler: str | None = None,
    limits: Limits | None = None,
    tier: Tier | None = None,
    require_tier: Tier | None = None,
    allowed_packages: Sequence[str] | None = None,
    environment: Mapping[str, str] | None = None,
    client_context: Mapping[str, str] | None = None,
) -> RunResult:
    """Run a handler once in a sandbox of its own; for many runs keep a `Sandbox`.

    Args:
        path: the code, a file or a package's folder. A file may read only itself.
        event: what the handler gets; at most 750,000 bytes of JSON.
        runtime: `python` or `node`; None goes by the file's name.
        handler: `FILE:NAME`, `src/index.handler`, or a name; None looks in the usual places.
        limits: None takes the defaults: 30 s, 256 MB.
        tier: exactly this one; None takes `confined`, and `process` where that is missing.
        require_tier: at least this one; else nothing is run, with reason `tier_unavailable`.
        allowed_packages: what the handler's own files may import; None lets them import anything.
        environment: the handler's whole environment; nothing of ours reaches it.
        client_context: entries added to `context.clientContext`, over the `ININ-*` ones.

    Raises:
        InvalidInput: there is no such code, or the event is no JSON.
        LimitExceeded: the event is too large.
        Unsupported: this machine has not even the weakest tier, or no Node.
    """
    with Sandbox(ready=0) as sandbox:
        return await sandbox.run(
            path,
            event,
            runtime=runtime,
            handler=handler,
            limits=limits,
            tier=tier,
            require_tier=require_tier,
            allowed_packages=allowed_packages,
            environment=environment,
            client_context=client_context,
        )


def slot_spec(found: Handler, tier: Tier, limits: Limits) -> SlotSpec:
    """What the processes for this code must be made for."""
    here = installation()
    node = found.runtime == "node"
    if node and not here.node:
        raise InvalidInput("node is not installed", hint="install Node.js 20 or later")
    forked = not node and tier != "hardened"
    return SlotSpec(
        runtime=found.runtime,
        tier=tier,
        scratch_parent=gettempdir(),
        runtime_read=here.python_read if not node or tier == "hardened" else (),
        memory_mb=limits.memory_mb if node else 0,
        code=() if forked else found.read,
        node=here.node if node else "",
        bwrap=here.bwrap if tier == "hardened" else "",
        python=here.python,
        package_root=here.package_root,
    )


def _check_event(event: Json) -> None:
    try:
        size = len(orjson.dumps(event))
    except (TypeError, ValueError) as exc:
        raise InvalidInput(f"the input is no JSON: {exc}") from exc
    if size > MOST_EVENT_BYTES:
        raise LimitExceeded(f"the input has {size} bytes; a function takes {MOST_EVENT_BYTES}")


def _job(
    found: Handler,
    event: Json,
    limits: Limits,
    *,
    allowed_packages: Sequence[str] | None,
    environment: Mapping[str, str] | None,
    client_context: Mapping[str, str] | None,
) -> dict[str, Any]:
    folder = str(found.folder)
    own = [str(found.file.parent), folder]
    return {
        "file": str(found.file),
        "name": found.name,
        "root": str(found.root),
        "working_folder": folder,
        "read": list(found.read),
        "search": list(dict.fromkeys(own)),
        "packages": list(installation().python_packages),
        "event": event,
        "environment": dict(environment or {}),
        "allowed_packages": None if allowed_packages is None else list(allowed_packages),
        "context": {
            "client_context": _inin_entries() | dict(client_context or {}),
            "function_name": found.file.stem,
            "memory_mb": limits.memory_mb,
        },
        "wall_s": limits.wall_s,
        "cpu_s": limits.cpu_allowed_s,
        "memory_mb": limits.memory_mb,
    }


def _inin_entries() -> dict[str, str]:
    return {
        "ININ-Correlation-Id": str(uuid.uuid4()),
        "ININ-Organization-Id": _NOBODY,
        "ININ-Home-Organization-Id": _NOBODY,
        "ININ-Integration-Id": _NOBODY,
        "ININ-User-Id": _NOBODY,
    }


def _nothing_ran(message: str) -> RunResult:
    return RunResult(
        status="failed",
        reason="tier_unavailable",
        error={"type": "TierUnavailable", "message": message},
        tier=None,
    )
