"""What the rest of the house knows of a dialect: domain words in, requests and records out.

Nothing above this room knows a path or a name of the wire. A dialect speaks to each kind of target
through one `TargetWire`; `PLATFORM` and `GUIDE` are the two implementations.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, Protocol, TypeVar

from tieline.calls.operation import Answer, Operation, Request
from tieline.dialects.entries import ActionEntry, PastInvocation, RoutingRule
from tieline.dialects.listing import Listing
from tieline.errors import ApiError
from tieline.types import DialectName, Json, JsonObject, TargetKind

T = TypeVar("T")

State = Literal["queued", "running", "completed", "failed", "timed_out", "terminated"]
UNFINISHED: frozenset[State] = frozenset({"queued", "running"})


@dataclass(frozen=True, slots=True)
class Definition:
    """What is known of a target before it is invoked; None where this dialect cannot say.

    `input_names` are the only keys an input may have, `time_limit_s` is how long the far side lets
    an execution take. `document` is the answer as it came.
    """

    kind: TargetKind
    id: str
    name: str | None = None
    version: str | None = None
    active: bool | None = None
    input_names: tuple[str, ...] | None = None
    input_schema: JsonObject | None = None
    output_schema: JsonObject | None = None
    time_limit_s: float | None = None
    document: JsonObject = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The document of `functions show` and `actions show`."""
        return {
            "kind": self.kind,
            "id": self.id,
            "name": self.name,
            "version": self.version,
            "active": self.active,
            "inputs": None if self.input_names is None else list(self.input_names),
            "input_schema": self.input_schema,
            "output_schema": self.output_schema,
            "time_limit_s": self.time_limit_s,
            "definition": dict(self.document),
        }


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an execution stands. `execution_id` is None where the far side gives none.

    `target_id` is told where the answer says which target it is an execution of.
    """

    state: State
    execution_id: str | None = None
    result: Json = None
    error: Json = None
    target_id: str | None = None

    @property
    def finished(self) -> bool:
        """True when nothing further will happen to it."""
        return self.state not in UNFINISHED


@dataclass(frozen=True, slots=True)
class Order:
    """One use of a target, in domain words.

    `time_limit_s` is what the caller needs the far side to allow the execution (functions of the
    guide dialect). `user_id` and `external_contact_id` say for whom a guide flow is launched.
    `personal` are fields of the input that its model declares as personal: keys from the top.
    """

    target_id: str
    input: JsonObject
    time_limit_s: float | None = None
    user_id: str | None = None
    external_contact_id: str | None = None
    name: str | None = None
    personal: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Ask(Generic[T]):
    """A request and how its answer is read; `read` raises `BadAnswer` and names the field."""

    request: Request
    read: Callable[[Answer], T]


class TargetWire(Protocol):
    """How one kind of target is spoken to."""

    @property
    def kind(self) -> TargetKind:
        """Function, action or flow."""
        ...

    @property
    def start_operation(self) -> Operation:
        """The mutating call; its name is what the audit log says was done."""
        ...

    @property
    def missing_grace_s(self) -> float:
        """For how long after a start a 404 to `follow` means `not yet`."""
        ...

    @property
    def knows_all(self) -> bool:
        """False where targets exist that neither `search` nor `describe` knows."""
        ...

    def search(self, name: str) -> Ask[tuple[str, ...]] | None:
        """Ask for the ids of the targets of exactly this name.

        None when `name` has the form of an id, or where names cannot be looked up.
        """
        ...

    def describe(self, target_id: str) -> Ask[Definition] | None:
        """Ask for what an input is checked against; None where this dialect has no such call."""
        ...

    def check(self, order: Order) -> None:
        """Refuse an order this dialect cannot carry out, whatever the definition says.

        Raises:
            InvalidInput: nothing was sent; the message names the option.
        """
        ...

    def start(self, order: Order) -> Ask[Progress]:
        """Ask for one execution; a synchronous target is finished by the answer."""
        ...

    def read_refusal(self, error: ApiError) -> Progress | None:
        """Tell an execution that ended badly from one that was refused (None)."""
        ...

    def follow(self, target_id: str, execution_id: str) -> Ask[Progress] | None:
        """Ask how the execution stands; None where a start is always finished."""
        ...


class ActionsWire(TargetWire, Protocol):
    """What actions have beyond being invoked."""

    def show(self, action_id: str) -> Ask[Definition]:
        """Ask for the action as it is registered."""
        ...

    def catalogue(self, *, name: str | None) -> Listing[ActionEntry]:
        """List the actions there are, `name` narrowing it on the far side."""
        ...

    def schema(self, action_id: str, file_name: str) -> Ask[JsonObject] | None:
        """Ask for one schema document of the contract; None where the dialect has no such call."""
        ...

    def history(self, action_id: str) -> Listing[PastInvocation] | None:
        """List past invocations; None where the far side keeps none."""
        ...


class RoutingWire(Protocol):
    """Routing rules as the guides' API keeps them."""

    def create(self, rule: JsonObject) -> Ask[RoutingRule]:
        """Ask for a rule to be made; a queue cannot have two of one name (409)."""
        ...

    def catalogue(self, *, queue_id: str | None) -> Listing[RoutingRule]:
        """List the rules of one queue, or of all."""
        ...

    def patch(self, rule_id: str, changes: JsonObject, *, version: int) -> Ask[RoutingRule]:
        """Ask for a change to `version` of the rule; 409 if it is another one by then."""
        ...

    def delete(self, rule_id: str) -> Request:
        """Ask for the rule to go; there is nothing to read in the answer."""
        ...


class Dialect(Protocol):
    """One API surface. `routing` is None where routing is configured by other means."""

    @property
    def name(self) -> DialectName:
        """`platform` or `guide`."""
        ...

    @property
    def functions(self) -> TargetWire:
        """Functions: the guides' custom code, the platform's function-backed actions."""
        ...

    @property
    def actions(self) -> ActionsWire:
        """Data actions."""
        ...

    @property
    def flows(self) -> TargetWire:
        """Flows that can be launched."""
        ...

    @property
    def routing(self) -> RoutingWire | None:
        """Routing rules of the guides' API."""
        ...

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The catalogue: every call this dialect makes, by name."""
        ...


def by_name(operations: Sequence[Operation]) -> Mapping[str, Operation]:
    """Index a catalogue; two operations of one name would make the audit log ambiguous."""
    index = {operation.name: operation for operation in operations}
    if len(index) != len(operations):
        raise ValueError("two operations of one name")
    return index
