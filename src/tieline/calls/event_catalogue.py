"""The catalogue of events that webhooks tell: one frozen record a family, and its document.

`event_catalogue.schema.json` beside this file is made from these records (`make generate`); the
reference page lists them. A text after a field's type is its description in both.
"""

import json
from dataclasses import dataclass, fields
from importlib.resources import files
from typing import Annotated, Any, ClassVar, Literal, Protocol

from tieline.types import Json

OutcomeStatus = Literal[
    "completed", "failed", "timed_out", "terminated", "uncertain", "running", "launched", "refused"
]
"""What became of an operation; `refused`: certainly not carried out."""

DeploymentKind = Literal["function", "action", "rules"]
DeploymentState = Literal["applied", "failed", "uncertain", "rolled_back"]


class Told(Protocol):
    """What every event of the catalogue has."""

    @property
    def type(self) -> str:
        """With dots, such as `flows.launch.completed`; endpoints choose by patterns of it."""
        ...

    def document(self, timestamp: str) -> dict[str, Any]:
        """The JSON that is sent; `timestamp` is RFC 3339."""
        ...


@dataclass(frozen=True, slots=True)
class OutcomeRecorded:
    """An operation that changes something ended, and its outcome is on record."""

    TYPE: ClassVar[str] = "<operation>.<status>"

    operation: Annotated[str, "the catalogue's name, such as `flows.launch`"]
    status: Annotated[OutcomeStatus, "what became of it; `refused`: certainly not carried out"]
    audit_id: Annotated[str, "the outcome's record in the audit log"]
    intent_id: Annotated[str | None, "the record made before it was sent"] = None
    target_kind: Annotated[str | None, "`flow`, `function`, `action`, `rule` …"] = None
    target_id: Annotated[str | None, "id or name of what was invoked or changed"] = None
    target_version: Annotated[str | None, "its version, where it has one"] = None
    profile: Annotated[str | None, "the profile it was done with"] = None
    execution_id: Annotated[str | None, "the platform's id of the execution"] = None
    result: Annotated[Json, "what came back, masked"] = None
    error: Annotated[Json, "why it failed, masked"] = None
    attempts: Annotated[int | None, "requests that were written"] = None
    latency_ms: Annotated[float | None, "milliseconds from the call to this outcome"] = None
    correlation_id: Annotated[str | None, "the id that the platform knows the request by"] = None

    @property
    def type(self) -> str:
        """See `Told.type`."""
        return f"{self.operation}.{self.status}"

    def document(self, timestamp: str) -> dict[str, Any]:
        """See `Told.document`."""
        return _standard(self, timestamp)


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A run is over. One whose uncertain items are sent again ends once more."""

    TYPE: ClassVar[str] = "runs.<state>"

    run_id: Annotated[str, "the run"]
    state: Annotated[Literal["done", "cancelled"], "how it ended"]
    total: Annotated[int, "items in all"]
    pending: Annotated[int, "items that were never sent"]
    sent: Annotated[int, "items under way"]
    done: Annotated[int, "items that were carried out"]
    failed: Annotated[int, "items that failed"]
    uncertain: Annotated[int, "items that may have been carried out"]

    @property
    def type(self) -> str:
        """See `Told.type`."""
        return f"runs.{self.state}"

    def document(self, timestamp: str) -> dict[str, Any]:
        """See `Told.document`."""
        return _standard(self, timestamp)


@dataclass(frozen=True, slots=True)
class RunItemEnded:
    """An item of a run that tells of its items (`--tell items`) ended."""

    TYPE: ClassVar[str] = "runs.item.<state>"

    run_id: Annotated[str, "the run"]
    item: Annotated[int, "the item's number in it"]
    state: Annotated[Literal["done", "failed", "uncertain"], "what became of it"]
    status: Annotated[str | None, "the outcome's own word, such as `timed_out`"] = None
    execution_id: Annotated[str | None, "the platform's id of the execution"] = None

    @property
    def type(self) -> str:
        """See `Told.type`."""
        return f"runs.item.{self.state}"

    def document(self, timestamp: str) -> dict[str, Any]:
        """See `Told.document`."""
        return _standard(self, timestamp)


@dataclass(frozen=True, slots=True)
class DeploymentEnded:
    """A deployment of a function, an action or a rule set ended. Planning one tells nobody."""

    TYPE: ClassVar[str] = "deployments.<kind>.<state>"

    kind: Annotated[DeploymentKind, "what was deployed"]
    state: Annotated[
        DeploymentState,
        "`failed`: what stood before stands, unless the message says otherwise; `uncertain`: run "
        "the same deployment again, it looks at what stands",
    ]
    name: Annotated[str, "name of the function, action or rule set"]
    profile: Annotated[str, "the profile it was done with"]
    target_id: Annotated[str | None, "id of the action or function, where there is one"] = None
    version: Annotated[
        str | None, "version, digest of the code, or id of the rules' deployment that stands now"
    ] = None
    change: Annotated[str | None, "what applying came to, in the words of the command's result"] = (
        None
    )
    error: Annotated[Json, "`{code, message}` of what went wrong, masked"] = None

    @property
    def type(self) -> str:
        """See `Told.type`."""
        return f"deployments.{self.kind}.{self.state}"

    def document(self, timestamp: str) -> dict[str, Any]:
        """See `Told.document`."""
        return _standard(self, timestamp)


@dataclass(frozen=True, slots=True)
class RuleVerified:
    """A deployed rule stands; guide 4's own document, with what was measured only."""

    TYPE: ClassVar[str] = "routing.rule.verified"

    rule_id: Annotated[str, "the rule, or the row of its decision table"]
    passed: Annotated[bool, "whether it was read back as it was written"]
    condition_count: Annotated[int, "conditions in the rule"]
    evaluation_latency_ms: Annotated[float | None, "milliseconds to decide one record"]
    match_rate: Annotated[
        Json, "`{value, records, interval95}` over a history, or `{value: null, reason}`"
    ]
    audit: Annotated[Json, "`{deployment, profile}`"]

    @property
    def type(self) -> str:
        """See `Told.type`."""
        return self.TYPE

    def document(self, timestamp: str) -> dict[str, Any]:
        """See `Told.document`."""
        return {
            "event": self.type,
            "timestamp": timestamp,
            "rule_id": self.rule_id,
            "metrics": {
                "evaluation_latency_ms": self.evaluation_latency_ms,
                "condition_count": self.condition_count,
                "estimated_match_rate": self.match_rate,
            },
            "audit": self.audit,
            "validation_status": "passed" if self.passed else "failed",
        }


CATALOGUE = (OutcomeRecorded, RunEnded, RunItemEnded, DeploymentEnded, RuleVerified)


def event_schema() -> dict[str, Any]:
    """The JSON Schema of every document, as published in docs and by `tieline webhooks schema`."""
    text = files("tieline.calls").joinpath("event_catalogue.schema.json").read_text("utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def _standard(event: Any, timestamp: str) -> dict[str, Any]:
    """The document standardwebhooks.com recommends; `data` are the record's fields."""
    data = {field.name: getattr(event, field.name) for field in fields(event)}
    return {"type": event.type, "timestamp": timestamp, "data": data}
