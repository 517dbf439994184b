"""The platform's calls that invocations need. Each entry's reason stands beside it.

Sources: spec of the public API, permissions as its own SDKs document them.
"""

from tieline.calls.operation import Operation

_ACTIONS = "/api/v2/integrations/actions"

# A second POST starts a second execution, and the API has no idempotency key:
# only a request that certainly never left is repeated.
FLOWS_LAUNCH = Operation(
    "flows.launch", "POST", "/api/v2/flows/executions", idempotent=False, dialect="platform",
    permissions=("architect:flow:launch",),
)  # fmt: skip
FLOWS_SHOW = Operation(
    "flows.show", "GET", "/api/v2/flows/executions/{id}", idempotent=True, dialect="platform",
    permissions=("architect:flowExecution:view",),
)  # fmt: skip
# Read before a launch for the input schema; its keys are the flow's own, never built by us.
FLOWS_GET = Operation(
    "flows.get", "GET", "/api/v2/flows/{id}", idempotent=True, dialect="platform",
    permissions=("architect:flow:view",),
)  # fmt: skip
ACTIONS_LIST = Operation(
    "actions.list", "GET", _ACTIONS, idempotent=True, dialect="platform",
    permissions=("integrations:action:view",),
)  # fmt: skip
ACTIONS_GET = Operation(
    "actions.get", "GET", f"{_ACTIONS}/{{id}}", idempotent=True, dialect="platform",
    permissions=("integrations:action:view",),
)  # fmt: skip
ACTIONS_SCHEMA = Operation(
    "actions.schema", "GET", f"{_ACTIONS}/{{id}}/schemas/{{file}}", idempotent=True,
    dialect="platform", permissions=("integrations:action:view",),
)  # fmt: skip
# What an action does behind the platform is unknown here: it may write. Functions are executed by
# the same call, because a function is an action of a function integration.
ACTIONS_EXECUTE = Operation(
    "actions.execute", "POST", f"{_ACTIONS}/{{id}}/execute", idempotent=False, dialect="platform",
    permissions=("integrations:action:execute",),
)  # fmt: skip
# Read once before a run, so that the first minute does not have to find the rate limit by 429s.
LIMITS_LIST = Operation(
    "limits.list", "GET", "/api/v2/organizations/limits/namespaces/{namespace}", idempotent=True,
    dialect="platform",
)  # fmt: skip

OPERATIONS = (
    FLOWS_LAUNCH, FLOWS_SHOW, FLOWS_GET, ACTIONS_LIST, ACTIONS_GET, ACTIONS_SCHEMA, ACTIONS_EXECUTE,
    LIMITS_LIST,
)  # fmt: skip
