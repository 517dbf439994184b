"""What comes of running uploaded code: a function's zip, or the Python source of custom code."""

import hashlib
from typing import TYPE_CHECKING, Any

from tieline.contracts.function_archive import read_archive
from tieline.emulator.computing import Computed
from tieline.emulator.tables import Document
from tieline.emulator.world import World
from tieline.errors import InvalidInput
from tieline.types import JsonObject

if TYPE_CHECKING:
    from tieline.emulator.functions.state import FunctionZip
    from tieline.sandbox import RunResult

_USUAL_SECONDS = 15


async def run_function(
    world: World, action: Document, code: "FunctionZip", event: Any, *, headers: JsonObject,
    correlation_id: str,
) -> Computed:  # fmt: skip
    """Run an action's function as the platform does: ids and headers are in `clientContext`.

    Raises:
        InvalidInput: the event is too large, or nothing can be run on this machine.
    """
    function = action["function"]
    organization = world.organization.reference()["id"]
    ended = await world.code.run(
        code.digest,
        lambda: read_archive(code.content()).read(),
        event,
        runtime="node",
        handler=function["handler"],
        seconds=function.get("timeoutSeconds") or _USUAL_SECONDS,
        client_context={
            **{name: str(value) for name, value in headers.items()},
            "ININ-Correlation-Id": correlation_id,
            "ININ-Organization-Id": organization,
            "ININ-Home-Organization-Id": organization,
            "ININ-Integration-Id": action["integrationId"],
        },
    )
    return _computed(ended, _as_thrown(ended))


async def run_custom_code(
    world: World, definition: Document, inputs: JsonObject, *, limit: float
) -> Computed:
    """Run a definition's Python source with its limits and its packages."""
    source = definition["code"].encode()
    sandbox = definition["sandbox"]
    try:
        ended = await world.code.run(
            hashlib.sha256(source).hexdigest(),
            lambda: [("main.py", source)],
            inputs,
            runtime="python",
            handler=None,
            seconds=limit,
            memory_mb=sandbox.get("memory", 256),
            allowed_packages=sandbox.get("allowedPackages"),
        )
    except InvalidInput as exc:
        return Computed("failed", None, exc.message, {})
    return _computed(ended, str((ended.error or {}).get("message", ended.reason)))


def _computed(ended: "RunResult", error: str) -> Computed:
    seconds = {"running": ended.duration_ms / 1000}
    if ended.status == "completed":
        return Computed("completed", ended.result, None, seconds)
    return Computed(ended.status, None, error, seconds)


def _as_thrown(ended: "RunResult") -> str:
    error = ended.error or {}
    frames = [
        f"{frame.get('file')}:{frame.get('line')}" if isinstance(frame, dict) else str(frame)
        for frame in error.get("stack") or ()
    ]
    kind, message = error.get("type", "Error"), error.get("message", "")
    return f"errorType:{kind},errorMessage:{message},trace:[{','.join(frames)}]"
