"""A flow execution as both surfaces answer it; they differ in their states and in the id's name."""

import re
from collections.abc import Mapping

from tieline.calls.operation import Operation, Request
from tieline.dialects.port import Ask, Progress, State
from tieline.dialects.reading import Fields

# Right after a launch the execution may not be readable yet.
MISSING_GRACE_SECONDS = 10.0

_FLOW_IN_URI = re.compile(r"/api/v2/flows/([0-9a-fA-F-]{36})/")


def launched(request: Request, states: Mapping[str, State]) -> Ask[Progress]:
    """Launch; the guides name the execution `executionId` and tell a status, the platform `id`."""

    def read(fields: Fields) -> Progress:
        told = fields.maybe_text("status") is not None
        state: State = fields.choice("status", states) if told else "running"
        return Progress(state, execution_id=fields.text("executionId", "id"))

    return Ask(request, lambda answer: read(Fields.of(request.operation, answer)))


def followed(operation: Operation, execution_id: str, states: Mapping[str, State]) -> Ask[Progress]:
    """Look at an execution; a bad end without a told error gets the status as its message."""
    request = Request(operation, path={"id": execution_id})
    return Ask(request, lambda answer: _read(Fields.of(operation, answer), states))


def _read(fields: Fields, states: Mapping[str, State]) -> Progress:
    state = fields.choice("status", states)
    error = fields.value("flowErrorInfo") or fields.value("error")
    if error is None and state in {"failed", "terminated"}:
        reason = fields.maybe_text("completionReason")
        error = {"message": reason or f"the flow ended {fields.text('status')}"}
    output = fields.value("outputData")
    return Progress(
        state=state,
        execution_id=fields.text("id", "executionId"),
        result=fields.value("result") if output is None else output,
        error=error,
        target_id=fields.maybe_text("flowId") or _flow_of_version(fields),
    )


def _flow_of_version(fields: Fields) -> str | None:
    # The platform names the version only, by a URI that has the flow's id in it.
    version = fields.maybe_object("flowVersion")
    found = _FLOW_IN_URI.search((version and version.maybe_text("selfUri")) or "")
    return found[1] if found else None
