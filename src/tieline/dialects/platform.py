"""The real platform's API.

A function is an action of a function integration, so functions and actions share their calls and
are executed synchronously: the answer to `execute` is the result. A flow is launched and followed.
"""

from collections.abc import Mapping
from functools import partial
from typing import Literal

from tieline.calls.bodies import encode
from tieline.calls.operation import Answer, Request
from tieline.calls.pagination import NumberedPages
from tieline.dialects import analytics
from tieline.dialects import platform_catalogue as catalogue
from tieline.dialects.entries import ActionEntry, read_action
from tieline.dialects.flow_executions import FlowExecutions, launched
from tieline.dialects.ids import check_name, check_uuid, is_action_id
from tieline.dialects.listing import Listing
from tieline.dialects.named_properties import named_properties
from tieline.dialects.naming import ids_named
from tieline.dialects.participants import check_none
from tieline.dialects.port import Ask, Definition, Order, Progress, State, by_name
from tieline.dialects.reading import Fields
from tieline.errors import ApiError, LimitExceeded
from tieline.types import DialectName, JsonObject

# The platform's maximum; the fewest calls for a whole list.
PAGE_SIZE = 100

# Request body of a data action (platform.md 2.4); anything larger is answered with 413.
LARGEST_BODY_BYTES = 512_000

# `execute` answers an error both when it refuses an input and when the action ran and failed. These
# detail codes are given only after the remote side was called.
_RAN_AND_FAILED = frozenset({"ACTION.REMOTE_ENDPOINT", "ACTION.AUTHENTICATION"})

_FLOW_STATES: Mapping[str, State] = {
    "RUNNING": "running",
    "UNKNOWN": "running",  # the state is not available just now: look again
    "COMPLETED": "completed",
    "FAILED": "failed",
    "ERROR": "failed",  # an unhandled error, told in flowErrorInfo
    "TERMINATED": "terminated",
}
_NOBODY = "hand the id over as an input of the flow, or use a profile with api = 'guide'"


class PlatformActions:
    """Actions, and functions, which are actions of a function integration."""

    start_operation = catalogue.ACTIONS_EXECUTE
    missing_grace_s = 0.0
    knows_all = True

    def __init__(self, kind: Literal["action", "function"]) -> None:
        self.kind: Literal["action", "function"] = kind

    def search(self, name: str) -> Ask[tuple[str, ...]] | None:
        """Ask for actions of a name: people know names, `execute` wants an id."""
        if is_action_id(name):
            return None
        check_name(name, what=self.kind)
        return ids_named(name, self.catalogue(name=name))

    def describe(self, target_id: str) -> Ask[Definition] | None:
        """Ask for the action with its contract."""
        return self.show(target_id)

    def show(self, action_id: str) -> Ask[Definition]:
        """Ask for the action with its contract and configuration."""
        query: Mapping[str, str | bool] = {"expand": "contract", "includeConfig": True}
        request = Request(catalogue.ACTIONS_GET, path={"id": action_id}, query=query)
        return Ask(request, self._read_definition)

    def check(self, order: Order) -> None:
        """Refuse what only a guide flow takes, and an input that is too large to be accepted."""
        check_none(order, hint=_NOBODY)
        size = len(encode(dict(order.input)))
        if size > LARGEST_BODY_BYTES:
            raise LimitExceeded(
                f"the input is {size} bytes; an action takes {LARGEST_BODY_BYTES} at most",
                details=[{"loc": [], "type": "limit", "message": f"{LARGEST_BODY_BYTES} bytes"}],
            )

    def start(self, order: Order) -> Ask[Progress]:
        """Execute with the input as the whole body; the answer's whole body is the result."""
        path = {"id": order.target_id}
        request = Request(catalogue.ACTIONS_EXECUTE, path=path, body=dict(order.input))
        return Ask(request, lambda answer: Progress("completed", result=answer.body))

    def read_refusal(self, error: ApiError) -> Progress | None:
        """Find the detail code that says the action ran."""
        codes = {detail.get("errorCode") for detail in error.details}
        if codes.isdisjoint(_RAN_AND_FAILED):
            return None
        return Progress("failed", error=_failure(error))

    def follow(self, target_id: str, execution_id: str) -> None:
        """Nothing to follow: `execute` is answered when it is over."""
        del target_id, execution_id

    def catalogue(self, *, name: str | None) -> Listing[ActionEntry]:
        """List actions, built-in ones included."""
        extra = {} if name is None else {"name": name}
        pages = partial(NumberedPages, page_size=PAGE_SIZE, extra=extra)
        return Listing(catalogue.ACTIONS_LIST, pages, read_action)

    def schema(self, action_id: str, file_name: str) -> Ask[JsonObject] | None:
        """Ask for `input.json`, `success.json` or `error.json` of the published contract."""
        path = {"id": action_id, "file": file_name}
        request = Request(catalogue.ACTIONS_SCHEMA, path=path)
        return Ask(request, lambda answer: Fields.of(catalogue.ACTIONS_SCHEMA, answer).values)

    def history(self, action_id: str) -> None:
        """The platform keeps no list of executions; Tieline's audit log does."""
        del action_id

    def _read_definition(self, answer: Answer) -> Definition:
        fields = Fields.of(catalogue.ACTIONS_GET, answer)
        contract = fields.maybe_object("contract")
        inputs = contract.maybe_object("input") if contract else None
        schema = inputs.maybe_object("inputSchema") if inputs else None
        outputs = contract.maybe_object("output") if contract else None
        answered = outputs.maybe_object("successSchema") if outputs else None
        return Definition(
            kind=self.kind,
            id=fields.text("id"),
            name=fields.maybe_text("name"),
            version=fields.maybe_version("version"),
            input_names=None if schema is None else named_properties(schema.values),
            input_schema=None if schema is None else schema.values,
            output_schema=None if answered is None else answered.values,
            document=fields.values,
        )


class PlatformFlows(FlowExecutions):
    """Flows that support being launched: workflows, mostly."""

    start_operation = catalogue.FLOWS_LAUNCH

    def __init__(self) -> None:
        super().__init__(catalogue.FLOWS_SHOW, _FLOW_STATES)

    def describe(self, target_id: str) -> Ask[Definition] | None:
        """Ask for the flow; its input schema names the keys an input may have."""
        return Ask(Request(catalogue.FLOWS_GET, path={"id": target_id}), _read_flow)

    def check(self, order: Order) -> None:
        """Refuse an id that is no UUID, and participants, which this API has no field for."""
        check_uuid(order.target_id, what="flow")
        check_none(order, hint=_NOBODY)

    def start(self, order: Order) -> Ask[Progress]:
        """Launch the latest published version."""
        body: dict[str, object] = {"flowId": order.target_id}
        if order.input:
            body["inputData"] = dict(order.input)
        if order.name is not None:
            body["name"] = order.name
        return launched(Request(catalogue.FLOWS_LAUNCH, body=body), _FLOW_STATES)


class Platform:
    """The dialect of the real platform."""

    name: DialectName = "platform"
    functions = PlatformActions("function")
    actions = PlatformActions("action")
    flows = PlatformFlows()
    routing = None  # queues are configured by conditional group routing, not by rules of their own
    operations = by_name([*catalogue.OPERATIONS, *analytics.OPERATIONS])


PLATFORM = Platform()


def _read_flow(answer: Answer) -> Definition:
    fields = Fields.of(catalogue.FLOWS_GET, answer)
    published = fields.maybe_object("publishedVersion")
    schema, answered = (
        fields.maybe_object(name) or (published.maybe_object(name) if published else None)
        for name in ("inputSchema", "outputSchema")
    )
    return Definition(
        kind="flow",
        id=fields.text("id"),
        name=fields.maybe_text("name"),
        version=published.maybe_version("id") if published else None,
        active=fields.maybe_flag("active"),
        input_names=None if schema is None else named_properties(schema.values),
        input_schema=None if schema is None else schema.values,
        output_schema=None if answered is None else answered.values,
        document=fields.values,
    )


def _failure(error: ApiError) -> JsonObject:
    body = error.body if isinstance(error.body, Mapping) else {}
    causes = body.get("errors")
    first = causes[0] if isinstance(causes, list) and causes else {}
    message = first.get("message") if isinstance(first, Mapping) else None
    return {
        "code": error.error_code,
        "message": message or body.get("message") or error.message,
        "details": [dict(detail) for detail in error.details],
    }
