"""Reading a definition, queueing an execution, following it."""

from tieline.emulator import wire_errors
from tieline.emulator.call import Answer, Call
from tieline.emulator.customcode.errors import inactive, over_sandbox_limit, undefined_inputs
from tieline.emulator.routes import Route
from tieline.emulator.tables import Document, on_wire

_PREFIX = "/api/v2/customcode"
_DEFAULT_SECONDS = 30.0


def get_definition(call: Call) -> Answer:
    """Tell inputs, sandbox and status."""
    return Answer(200, on_wire(call.world.custom_code.definitions.get(call.path[0])))


def execute(call: Call) -> Answer:
    """Queue an execution."""
    sent = call.require("customCodeId")
    definition = call.world.custom_code.definitions.get(str(sent["customCodeId"]))
    inputs = sent.get("inputs") or {}
    if not isinstance(inputs, dict):
        raise wire_errors.invalid_value("inputs", inputs, kind="map", allowed="an object")
    undefined = [name for name in inputs if name not in definition["inputs"]]
    if undefined:
        raise undefined_inputs(undefined, definition["inputs"])
    if definition.get("status", "active") != "active":
        raise inactive(definition["id"])
    limit = _limit(call, definition)
    execution = call.world.custom_code.execute(definition, inputs, limit=limit, now=call.now)
    return Answer(202, {"id": execution["id"], "status": "queued"}, effect=execution["id"])


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
