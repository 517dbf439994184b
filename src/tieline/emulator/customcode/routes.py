"""Reading a definition, queueing an execution, following it."""

from tieline.emulator import wire_errors
from tieline.emulator.call import Answer, Call
from tieline.emulator.computing import compute
from tieline.emulator.customcode.errors import inactive, over_sandbox_limit, undefined_inputs
from tieline.emulator.routes import Route
from tieline.emulator.tables import Document, on_wire
from tieline.types import JsonObject

_PREFIX = "/api/v2/customcode"
_DEFAULT_SECONDS = 30.0


def get_definition(call: Call) -> Answer:
    """Tell inputs, sandbox and status."""
    definition = on_wire(call.world.custom_code.definitions.get(call.path[0]))
    definition.pop("code", None)  # code is run, never given out
    return Answer(200, definition)


async def execute(call: Call) -> Answer:
    """Queue an execution."""
    sent = call.require("customCodeId")
    definition = call.world.custom_code.definitions.get(call.text("customCodeId") or "")
    inputs = {} if sent.get("inputs") is None else sent["inputs"]
    if not isinstance(inputs, dict):
        raise wire_errors.invalid_value("inputs", inputs, kind="map", allowed="an object")
    undefined = [name for name in inputs if name not in definition["inputs"]]
    if undefined:
        raise undefined_inputs(undefined, definition["inputs"])
    if definition.get("status", "active") != "active":
        raise inactive(definition["id"])
    limit = _limit(call, definition)
    if definition.get("code") is None:
        computed = compute(definition, inputs)
        execution = call.world.custom_code.execute(definition, computed, limit=limit, now=call.now)
    else:
        execution = await _run(call, definition, inputs, limit)
    return Answer(202, {"id": execution["id"], "status": "queued"}, effect=execution["id"])


async def _run(call: Call, definition: Document, inputs: JsonObject, limit: float) -> Document:
    """Queue an execution of real code; in virtual time it has ended before the answer leaves.

    Real time passes while code runs and virtual time does not: who polls in virtual time would be
    at the deadline before the code had a moment to run.
    """
    from tieline.emulator.uploaded_code import run_custom_code  # noqa: PLC0415  # see CodeRunner

    world = call.world
    execution = world.custom_code.accept(definition, now=call.now)

    async def carry_out() -> None:
        computed = await run_custom_code(world, definition, inputs, limit=limit)
        world.custom_code.settle(execution, computed, limit=limit)

    if world.clock.mode == "virtual":
        await carry_out()
    else:
        world.background.start(carry_out())
    return execution


def show(call: Call) -> Answer:
    """Tell where an execution stands."""
    execution = call.world.custom_code.executions.get(call.path[0])
    standing = call.world.custom_code.standing(execution, now=call.now)
    ended = standing.ended is not None
    body = {
        "id": execution["id"],
        "status": standing.status,
        "result": execution["result"] if ended else None,
        "error": execution["error"] if ended else None,
    }
    return Answer(200, body)


def _limit(call: Call, definition: Document) -> float:
    asked = call.sent.get("timeout", _DEFAULT_SECONDS)
    if isinstance(asked, bool) or not isinstance(asked, int | float) or not asked > 0:
        raise wire_errors.invalid_value("timeout", asked, kind="number", allowed="above 0")
    allowed = definition["sandbox"].get("timeout", _DEFAULT_SECONDS)
    if asked > allowed:
        raise over_sandbox_limit(asked, allowed)
    return float(asked)


ROUTES = (
    Route("GET", f"{_PREFIX}/{{id}}", "functions.get", get_definition, surface="guide",
          scopes=("customcode:view",)),
    Route("POST", f"{_PREFIX}/executions", "functions.execute", execute, surface="guide",
          scopes=("customcode:execute",)),
    Route("GET", f"{_PREFIX}/executions/{{executionId}}", "functions.show", show, surface="guide",
          scopes=("customcode:view", "customcode:execute")),
)  # fmt: skip
