"""Launching and following executions, reading flows.

A guide's body names a `user` or an `externalContact`, the platform's has `inputData`; both are
taken, and the answer has the fields of both.
"""

from fnmatch import fnmatchcase
from typing import Any

from tieline.emulator import wire_errors
from tieline.emulator.call import Answer, Call
from tieline.emulator.clock import iso
from tieline.emulator.compiled import closed, violations
from tieline.emulator.flows.errors import cannot_launch, invalid_input, unknown_person
from tieline.emulator.flows.state import KEPT_SECONDS
from tieline.emulator.oauth.errors import missing_scope
from tieline.emulator.oauth.state import covers
from tieline.emulator.paging import numbered_page
from tieline.emulator.routes import Route
from tieline.emulator.tables import Document, on_wire, private
from tieline.types import JsonObject

_EXECUTIONS = "/api/v2/flows/executions"
_FLOWS = "/api/v2/flows"


def launch(call: Call) -> Answer:
    """Start an execution of a published flow."""
    sent = call.require("flowId")
    flow = call.world.flows.flows.get(call.text("flowId", shortest=1) or "")
    person = _person(call, sent, flow)
    _check_launchable(flow, call.text("flowVersion"))
    given = _input(sent, flow)
    execution = call.world.flows.launch(
        flow, given, name=call.text("name"), person=person, now=call.now
    )
    return Answer(200, _launched(call, execution, flow), effect=execution["id"])


def show(call: Call) -> Answer:
    """Tell where an execution stands."""
    execution = call.world.flows.executions.get(call.path[0])
    age = call.now - execution["started"]
    if not call.world.settings.flow_visible_after_seconds <= age < KEPT_SECONDS:
        raise wire_errors.not_found(execution["id"])
    return Answer(200, _execution(call, execution))


def list_flows(call: Call) -> Answer:
    """List flows; ids, when given, are the only filter."""
    found = [flow for flow in call.world.flows.flows if _listed(call, flow)]
    schemas = call.flag("includeSchemas")
    entities = [_flow(flow, with_schemas=schemas) for flow in found]
    return Answer(200, numbered_page(call, entities, uris=_FLOWS))


def get_flow(call: Call) -> Answer:
    """Tell about a flow, its schemas included."""
    return Answer(200, _flow(call.world.flows.flows.get(call.path[0]), with_schemas=True))


def _person(call: Call, sent: JsonObject, flow: Document) -> dict[str, Any]:
    named = [name for name in ("user", "externalContact") if sent.get(name) is not None]
    if call.dialect == "platform" or (not named and sent.get("inputData") is not None):
        return {}  # the platform ignores fields it does not know
    if len(named) != 1:
        text = "Exactly one of user and externalContact is required."
        raise wire_errors.malformed(text, field="user")
    kind = named[0]
    person = sent[kind]
    person_id = person.get("id") if isinstance(person, dict) else None
    people = call.world.people
    table = people.users if kind == "user" else people.external_contacts
    if not isinstance(person_id, str) or table.find(person_id) is None:
        raise unknown_person(kind)
    _check_may_read(call, kind, flow)
    return {kind: {"id": person_id}}


def _check_may_read(call: Call, kind: str, flow: Document) -> None:
    if kind not in private(flow).get("reads", ()) or call.token is None:
        return
    scope = "user:read" if kind == "user" else "contact:read"
    if not covers(call.token.scopes or (), scope):
        raise missing_scope([scope])


def _check_launchable(flow: Document, version: str | None) -> None:
    published = flow.get("publishedVersion")
    if flow.get("deleted") or published is None:
        raise cannot_launch(flow["id"], "it is deleted or not published")
    if str(flow.get("type", "")).upper() not in {"WORKFLOW", "WORKITEM"}:
        raise cannot_launch(flow["id"], f"flows of type {flow.get('type')} are not launched")
    if version and version not in {published["id"], *private(flow).get("versions", ())}:
        raise cannot_launch(flow["id"], f"there is no published version {version[:20]}")


def _input(sent: JsonObject, flow: Document) -> JsonObject:
    given = sent.get("inputData")
    if not isinstance(given, dict | None):
        raise wire_errors.invalid_value("inputData", given, kind="map", allowed="an object")
    given = {name: value for name, value in (given or {}).items() if value is not None}
    found = violations(closed(flow.get("inputSchema", {"type": "object"})), given)
    if found:
        raise invalid_input(found)
    return given


def _launched(call: Call, execution: Document, flow: Document) -> dict[str, Any]:
    standing = call.world.flows.standing(execution, now=call.now)
    person: dict[str, Any] = {
        kind: execution[kind] for kind in ("user", "externalContact") if kind in execution
    }
    uri = f"{_EXECUTIONS}/{execution['id']}"
    return {
        "id": execution["id"],
        "name": execution["name"],
        "flowVersion": _version_reference(flow, execution),
        "selfUri": uri,
        "executionId": execution["id"],
        "flowId": execution["flow_id"],
        "status": _status(call, standing.status),
        "createdTime": iso(execution["started"]),
        **person,
    }


def _execution(call: Call, execution: Document) -> dict[str, Any]:
    standing = call.world.flows.standing(execution, now=call.now)
    flow = call.world.flows.flows.find(execution["flow_id"]) or {"id": execution["flow_id"]}
    body: dict[str, Any] = {
        "id": execution["id"],
        "name": execution["name"],
        "flowVersion": _version_reference(flow, execution),
        "dateLaunched": iso(execution["started"]),
        "status": _status(call, standing.status),
        "selfUri": f"{_EXECUTIONS}/{execution['id']}",
        "executionId": execution["id"],
        "flowId": execution["flow_id"],
        "createdTime": iso(execution["started"]),
    }
    body |= {kind: execution[kind] for kind in ("user", "externalContact") if kind in execution}
    if standing.ended is not None:
        body |= _ended(execution, standing.status, standing.ended)
    return body


def _ended(execution: Document, status: str, ended: float) -> dict[str, Any]:
    body: dict[str, Any] = {
        "dateCompleted": iso(ended),
        "completionReason": execution["error"] or f"The flow ended: {status}",
    }
    if status == "COMPLETED":
        body["outputData"] = execution["output"]
    if status == "ERROR":
        body["flowErrorInfo"] = wire_errors.Refusal(
            500, "flow.error", execution["error"] or "The flow ended in an unhandled error."
        ).body(execution["id"])
    return body


def _status(call: Call, status: str) -> str:
    return "RUNNING" if status == "QUEUED" and call.dialect == "platform" else status


def _version_reference(flow: JsonObject, execution: Document) -> dict[str, str]:
    version = execution["version"]
    uri = f"{_FLOWS}/{flow['id']}/versions/{version}"
    return {"id": version, "name": version, "selfUri": uri}


def _flow(flow: Document, *, with_schemas: bool) -> dict[str, Any]:
    body = {**on_wire(flow), "selfUri": f"{_FLOWS}/{flow['id']}"}
    if not with_schemas:
        body.pop("inputSchema", None)
        body.pop("outputSchema", None)
    return body


def _listed(call: Call, flow: Document) -> bool:
    ids = call.many("id")
    if ids:
        return flow["id"] in ids
    types = [kind.upper() for kind in call.many("type")]
    divisions = call.many("divisionId")
    name = call.one("name")
    return (
        (not types or str(flow.get("type", "")).upper() in types)
        and (not name or fnmatchcase(str(flow["name"]).lower(), name.lower()))
        and (not divisions or flow.get("division", {}).get("id") in divisions)
        and bool(flow.get("deleted", False)) == call.flag("deleted")
    )


ROUTES = (
    Route("POST", _EXECUTIONS, "flows.launch", launch, surface="shared",
          permissions=("architect:flow:launch",), scopes=("flow:execution:write",)),
    Route("GET", f"{_EXECUTIONS}/{{flowExecutionId}}", "flows.show", show, surface="shared",
          permissions=("architect:flowExecution:view",),
          scopes=("flow:execution:write", "flow:execution:read")),
    Route("GET", _FLOWS, "flows.list", list_flows, permissions=("architect:flow:view",)),
    Route("GET", f"{_FLOWS}/{{flowId}}", "flows.get", get_flow,
          permissions=("architect:flow:view",)),
)  # fmt: skip
