"""`organizations/me` and the limits."""

from tieline.emulator import wire_errors
from tieline.emulator.call import Answer, Call
from tieline.emulator.paging import numbered_page
from tieline.emulator.routes import Route

_PREFIX = "/api/v2/organizations"


def me(call: Call) -> Answer:
    """Tell about the organisation."""
    facts = {k: v for k, v in call.world.organization.facts.items() if k != "homeDivision"}
    return Answer(200, {**facts, "selfUri": f"{_PREFIX}/me"})


def namespaces(call: Call) -> Answer:
    """List the names of the namespaces."""
    return Answer(200, numbered_page(call, list(call.world.organization.limits)))


def namespace(call: Call) -> Answer:
    """List a namespace's limits; no paging fields (the SDK's model has none)."""
    name = call.path[0]
    limits = call.world.organization.limits.get(name)
    if limits is None:
        raise wire_errors.not_found(name[:80])
    entities = [{"key": k, "namespace": name, "value": v} for k, v in limits.items()]
    return Answer(200, {"entities": entities})


ROUTES = (
    Route("GET", f"{_PREFIX}/me", "organizations.me", me),
    Route("GET", f"{_PREFIX}/limits/namespaces", "limits.namespaces", namespaces),
    Route("GET", f"{_PREFIX}/limits/namespaces/{{namespace}}", "limits.list", namespace),
    Route("GET", f"{_PREFIX}/limits/namespaces/{{namespace}}/defaults", "limits.defaults",
          namespace),
)  # fmt: skip
