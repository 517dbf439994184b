"""The calls of the five guides, paths exactly as they give them, scopes as they name them."""

from tieline.calls.operation import Operation

_INVOCATIONS = "/api/v2/processes/data-actions/{id}/invocations"

FUNCTIONS_GET = Operation(
    "functions.get", "GET", "/api/v2/customcode/{id}", idempotent=True, dialect="guide",
    scopes=("customcode:view",),
)  # fmt: skip
# Custom code may do anything once; a second POST is a second execution.
FUNCTIONS_EXECUTE = Operation(
    "functions.execute", "POST", "/api/v2/customcode/executions", idempotent=False, dialect="guide",
    scopes=("customcode:execute",),
)  # fmt: skip
FUNCTIONS_SHOW = Operation(
    "functions.show", "GET", "/api/v2/customcode/executions/{id}", idempotent=True, dialect="guide",
    scopes=("customcode:view",),
)  # fmt: skip
ACTIONS_LIST = Operation(
    "actions.list", "GET", "/api/v2/platform/actions", idempotent=True, dialect="guide",
    scopes=("platform:action:read",),
)  # fmt: skip
ACTIONS_GET = Operation(
    "actions.get", "GET", "/api/v2/platform/actions/{id}", idempotent=True, dialect="guide",
    scopes=("platform:action:read",),
)  # fmt: skip
# The action behind it may write; the guides give no key by which a repeat would be recognised.
ACTIONS_INVOKE = Operation(
    "actions.invoke", "POST", _INVOCATIONS, idempotent=False, dialect="guide",
    scopes=("dataaction:execute",),
)  # fmt: skip
ACTIONS_INVOCATION = Operation(
    "actions.invocation", "GET", f"{_INVOCATIONS}/{{invocation}}", idempotent=True,
    dialect="guide", scopes=("dataaction:execute",),
)  # fmt: skip
ACTIONS_HISTORY = Operation(
    "actions.history", "GET", _INVOCATIONS, idempotent=True, dialect="guide",
    scopes=("dataaction:execute",),
)  # fmt: skip
# A launch is not idempotent; one whose answer was lost is never sent again on its own.
FLOWS_LAUNCH = Operation(
    "flows.launch", "POST", "/api/v2/flows/executions", idempotent=False, dialect="guide",
    scopes=("flow:execution:write",),
)  # fmt: skip
FLOWS_SHOW = Operation(
    "flows.show", "GET", "/api/v2/flows/executions/{id}", idempotent=True, dialect="guide",
    scopes=("flow:execution:write",),
)  # fmt: skip
# Not repeated blindly although a queue refuses a second rule of one name: a repeat would answer 409
# for a rule we made ourselves. An unknown outcome is settled by looking the name up.
ROUTING_CREATE = Operation(
    "routing.create", "POST", "/api/v2/routing/rules", idempotent=False, dialect="guide",
    scopes=("routing:rule:write",),
)  # fmt: skip
ROUTING_LIST = Operation(
    "routing.list", "GET", "/api/v2/routing/rules", idempotent=True, dialect="guide",
    scopes=("routing:rule:read",),
)  # fmt: skip
# Carries the version it was made for: a repeat of one that was carried out answers 409.
ROUTING_PATCH = Operation(
    "routing.patch", "PATCH", "/api/v2/routing/rules/{id}", idempotent=False, dialect="guide",
    scopes=("routing:rule:write",),
)  # fmt: skip
ROUTING_DELETE = Operation(
    "routing.delete", "DELETE", "/api/v2/routing/rules/{id}", idempotent=True, dialect="guide",
    scopes=("routing:rule:write",),
)  # fmt: skip

OPERATIONS = (
    FUNCTIONS_GET, FUNCTIONS_EXECUTE, FUNCTIONS_SHOW,
    ACTIONS_LIST, ACTIONS_GET, ACTIONS_INVOKE, ACTIONS_INVOCATION, ACTIONS_HISTORY,
    FLOWS_LAUNCH, FLOWS_SHOW,
    ROUTING_CREATE, ROUTING_LIST, ROUTING_PATCH, ROUTING_DELETE,
)  # fmt: skip
