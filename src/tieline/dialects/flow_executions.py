"""A flow execution as both surfaces answer it; they differ in their states and in the id's name."""

import re
from collections.abc import Mapping
from typing import Literal

from tieline.calls.operation import Operation, Request
from tieline.dialects.port import Ask, Progress, State
from tieline.dialects.reading import Fields
from tieline.errors import ApiError

# Right after a launch the execution may not be readable yet.
MISSING_GRACE_SECONDS = 10.0

_FLOW_IN_URI = re.compile(r"/api/v2/flows/([0-9a-fA-F-]{36})/")


class FlowExecutions:
    """What both surfaces have in common: launched by id, followed by the execution's."""

    kind: Literal["flow"] = "flow"
    missing_grace_s = MISSING_GRACE_SECONDS
    knows_all = True

    def __init__(self, show: Operation, states: Mapping[str, State]) -> None:
        self._show = show
        self._states = states

    def search(self, name: str) -> None:
        """Flows are launched by id: names repeat across types and divisions."""
        del name

    def read_refusal(self, error: ApiError) -> None:
        """An error answer to a launch starts nothing."""
        del error

    def follow(self, target_id: str, execution_id: str) -> Ask[Progress] | None:
        """Ask for the execution."""
        del target_id
        return followed(self._show, execution_id, self._states)


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
