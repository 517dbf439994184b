"""The five guides' own API: custom code, data action invocations, flow executions.

All three are asynchronous: a start is answered with an id, and the id is followed.
"""

from collections.abc import Mapping
from functools import partial
from typing import Literal

from tieline.calls.operation import Answer, Request
from tieline.calls.pagination import guide_pages
from tieline.dialects import guide_catalogue as catalogue
from tieline.dialects.entries import ActionEntry, PastInvocation, read_action, read_invocation
from tieline.dialects.flow_executions import FlowExecutions, launched
from tieline.dialects.guide_routing import GuideRouting
from tieline.dialects.ids import check_name, check_uuid, is_action_id
from tieline.dialects.listing import BareOrNumbered, Listing
from tieline.dialects.named_properties import named_properties
from tieline.dialects.naming import ids_named
from tieline.dialects.participants import check_exactly_one, check_none
from tieline.dialects.port import Ask, Definition, Order, Progress, State, by_name
from tieline.dialects.reading import Fields
from tieline.errors import ApiError
from tieline.types import DialectName

_FUNCTION_STATES: Mapping[str, State] = {
    "QUEUED": "queued",
    "RUNNING": "running",
    "COMPLETED": "completed",
    "FAILED": "failed",
    "TIMED_OUT": "timed_out",
}
# The guides show `status` of an invocation without listing its values; these are the words that
# the other two surfaces use, and the obvious ones.
_INVOCATION_STATES: Mapping[str, State] = {
    **_FUNCTION_STATES,
    "ACCEPTED": "queued",
    "PENDING": "queued",
    "PROCESSING": "running",
    "SUCCEEDED": "completed",
    "SUCCESS": "completed",
    "ERROR": "failed",
    "TERMINATED": "terminated",
}
_FLOW_STATES: Mapping[str, State] = {
    "QUEUED": "queued",
    "RUNNING": "running",
    "COMPLETED": "completed",
    "FAILED": "failed",
    "ERROR": "failed",
    "TERMINATED": "terminated",
}
_FLOWS_ONLY = "only a flow is launched for somebody"


class GuideFunctions:
    """Custom code: asynchronous executions in a sandbox with limits."""

    kind: Literal["function"] = "function"
    start_operation = catalogue.FUNCTIONS_EXECUTE
    missing_grace_s = 0.0
    knows_all = True

    def search(self, name: str) -> None:
        """The guides look functions up by id only."""
        del name

    def describe(self, target_id: str) -> Ask[Definition] | None:
        """Ask for inputs, sandbox and status."""
        return Ask(Request(catalogue.FUNCTIONS_GET, path={"id": target_id}), _read_custom_code)

    def check(self, order: Order) -> None:
        """Refuse what only flows take."""
        check_none(order, hint=_FLOWS_ONLY)

    def start(self, order: Order) -> Ask[Progress]:
        """Queue one execution; `timeout` is what the caller needs it to be allowed, in seconds."""
        body: dict[str, object] = {"customCodeId": order.target_id, "inputs": dict(order.input)}
        if order.time_limit_s is not None:
            limit = order.time_limit_s
            body["timeout"] = int(limit) if float(limit).is_integer() else limit
        request = Request(catalogue.FUNCTIONS_EXECUTE, body=body)
        return _execution(request, _FUNCTION_STATES, "id")

    def read_refusal(self, error: ApiError) -> None:
        """An error answer queued nothing."""
        del error

    def follow(self, target_id: str, execution_id: str) -> Ask[Progress] | None:
        """Ask for the execution."""
        del target_id
        request = Request(catalogue.FUNCTIONS_SHOW, path={"id": execution_id})
        return _execution(request, _FUNCTION_STATES, "id")


class GuideActions:
    """Data actions: invocations that are accepted with 202 and looked at by id."""

    kind: Literal["action"] = "action"
    start_operation = catalogue.ACTIONS_INVOKE
    missing_grace_s = 0.0
    knows_all = False  # a data action may be invoked that guide 1's registry has never heard of

    def search(self, name: str) -> Ask[tuple[str, ...]] | None:
        """Ask the registry for a name."""
        if is_action_id(name):
            return None
        check_name(name, what="action")
        return ids_named(name, self.catalogue(name=name))

    def describe(self, target_id: str) -> Ask[Definition] | None:
        """Ask the registry for the model that payloads are checked against."""
        return self.show(target_id)

    def show(self, action_id: str) -> Ask[Definition]:
        """Ask for what was registered under this id."""
        return Ask(Request(catalogue.ACTIONS_GET, path={"id": action_id}), _read_registered)

    def check(self, order: Order) -> None:
        """Refuse what only flows take."""
        check_none(order, hint=_FLOWS_ONLY)

    def start(self, order: Order) -> Ask[Progress]:
        """Invoke with the payload as the whole body."""
        path = {"id": order.target_id}
        request = Request(catalogue.ACTIONS_INVOKE, path=path, body=dict(order.input))
        return _execution(request, _INVOCATION_STATES, "invocationId")

    def read_refusal(self, error: ApiError) -> None:
        """An error answer accepted nothing."""
        del error

    def follow(self, target_id: str, execution_id: str) -> Ask[Progress] | None:
        """Ask for the invocation."""
        path = {"id": target_id, "invocation": execution_id}
        request = Request(catalogue.ACTIONS_INVOCATION, path=path)
        return _execution(request, _INVOCATION_STATES, "invocationId")

    def catalogue(self, *, name: str | None) -> Listing[ActionEntry]:
        """List registered actions; the guides do not say whether it is a bare list or a page."""
        extra = {} if name is None else {"name": name}
        return Listing(catalogue.ACTIONS_LIST, partial(BareOrNumbered, extra=extra), read_action)

    def schema(self, action_id: str, file_name: str) -> None:
        """The guides keep schemas inside the registered definition."""
        del action_id, file_name

    def history(self, action_id: str) -> Listing[PastInvocation] | None:
        """List invocations, page after page by token."""
        return Listing(catalogue.ACTIONS_HISTORY, guide_pages, read_invocation, {"id": action_id})


class GuideFlows(FlowExecutions):
    """Flow executions launched for a user or an external contact."""

    start_operation = catalogue.FLOWS_LAUNCH

    def __init__(self) -> None:
        super().__init__(catalogue.FLOWS_SHOW, _FLOW_STATES)

    def describe(self, target_id: str) -> None:
        """The guides have no call that reads a flow."""
        del target_id

    def check(self, order: Order) -> None:
        """Ids are UUIDs; a launch is for exactly one of user and external contact."""
        check_uuid(order.target_id, what="flow")
        check_exactly_one(order)

    def start(self, order: Order) -> Ask[Progress]:
        """Launch for the participant; inputs go where the real API takes them."""
        body: dict[str, object] = {"flowId": order.target_id}
        if order.user_id is not None:
            body["user"] = {"id": order.user_id}
        if order.external_contact_id is not None:
            body["externalContact"] = {"id": order.external_contact_id}
        if order.input:
            body["inputData"] = dict(order.input)
        if order.name is not None:
            body["name"] = order.name
        return launched(Request(catalogue.FLOWS_LAUNCH, body=body), _FLOW_STATES)


class Guide:
    """The dialect of the guides."""

    name: DialectName = "guide"
    functions = GuideFunctions()
    actions = GuideActions()
    flows = GuideFlows()
    routing = GuideRouting()
    operations = by_name(catalogue.OPERATIONS)


GUIDE = Guide()


def _execution(request: Request, states: Mapping[str, State], id_name: str) -> Ask[Progress]:
    def read(answer: Answer) -> Progress:
        fields = Fields.of(request.operation, answer)
        return Progress(
            state=fields.choice("status", states),
            execution_id=fields.text(id_name),
            result=fields.value("result"),
            error=fields.value("error"),
        )

    return Ask(request, read)


def _read_custom_code(answer: Answer) -> Definition:
    # The names of the inputs are declared, their types are not.
    fields = Fields.of(catalogue.FUNCTIONS_GET, answer)
    sandbox = fields.maybe_object("sandbox")
    status = fields.maybe_text("status")
    return Definition(
        kind="function",
        id=fields.text("id"),
        name=fields.maybe_text("name"),
        version=fields.maybe_version("version"),
        active=None if status is None else status.lower() == "active",
        input_names=fields.maybe_texts("inputs"),
        time_limit_s=sandbox.maybe_number("timeout") if sandbox else None,
        document=fields.values,
    )


def _read_registered(answer: Answer) -> Definition:
    fields = Fields.of(catalogue.ACTIONS_GET, answer)
    told = fields.maybe_object("actionDefinition") or fields
    schema = told.maybe_object("inputSchema")
    answered = told.maybe_object("outputSchema")
    timeout_ms = told.maybe_number("timeout")
    return Definition(
        kind="action",
        id=fields.text("id"),
        name=told.maybe_text("name") or fields.maybe_text("name"),
        version=told.maybe_version("version") or fields.maybe_version("version"),
        input_names=None if schema is None else named_properties(schema.values),
        input_schema=None if schema is None else schema.values,
        output_schema=None if answered is None else answered.values,
        time_limit_s=None if timeout_ms is None else timeout_ms / 1000,
        document=fields.values,
    )
