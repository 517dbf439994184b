"""Carrying out one item: the invocation pipeline, in two halves with the ledger between them."""

import math
from dataclasses import dataclass, replace
from typing import Protocol

from tieline.dialects.port import Order, Progress, TargetWire
from tieline.invocations.expiring import Expiring
from tieline.invocations.known import Known
from tieline.invocations.outcome import Outcome, Status, Target
from tieline.invocations.pipeline import launch, resume
from tieline.invocations.start import find
from tieline.invocations.terms import DEFAULT_FUNCTION_SECONDS, Terms
from tieline.runs.item import Claim
from tieline.runs.run import RunSpec
from tieline.services.performer import Performer
from tieline.services.session import Memory, Session
from tieline.types import Json, JsonObject

# A launch is answered as soon as the flow starts. A wait for the rate limit beyond this gives the
# item back instead of holding it `sent`.
LAUNCH_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Launched:
    """What stands after an item's one request. `ended` is None where it goes on."""

    execution_id: str | None
    correlation_id: str | None
    ended: "Ended | None" = None


@dataclass(frozen=True, slots=True)
class Ended:
    """How an item's execution ended."""

    status: Status
    execution_id: str | None = None
    correlation_id: str | None = None
    result: Json = None
    error: Json = None


class Carrier(Protocol):
    """What the engine needs of the outside world."""

    async def prepare(self) -> None:
        """Read what every item needs; called before anything is claimed.

        Raises:
            Error: no such target, or it cannot be read now.
        """
        ...

    async def launch(self, claim: Claim) -> Launched:
        """Write the item's one request.

        Raises:
            OutcomeUnknown: it may have been carried out.
            Error: refused, or certainly not carried out.
        """
        ...

    async def follow(self, launched: Launched) -> Ended:
        """Look at what was launched until it is over, or the item's time is up."""
        ...


class PipelineCarrier:
    """Through the same pipeline as every other invocation: checked, recorded, sent once."""

    def __init__(self, session: Session, spec: RunSpec) -> None:
        # What is read of the target before the first item holds for all items of this process: the
        # places in the rate limit are the items' own. What no longer fits, the far side refuses.
        kept = Memory(
            definitions=Expiring(capacity=1, ttl_s=math.inf),
            names=Expiring(capacity=1, ttl_s=math.inf),
        )
        self._session = replace(session, memory=kept)
        self._spec = spec
        self._wire = wire_of(session, spec)

    async def prepare(self) -> None:
        """Find the target and read its definition."""
        await self.find()

    async def find(self) -> Known:
        """Find the target; tells what the input of an item is checked against.

        Raises:
            InvalidInput: no item can be carried out as the run's options say.
            NotFound: no such target.
            Error: it cannot be read now.
        """
        steps = find(self._wire, self._order({}, name=None), self._terms(LAUNCH_SECONDS))
        known: Known = await self._performer().run(steps)
        return known

    async def launch(self, claim: Claim) -> Launched:
        """Start the item; its reference is the execution's name where the surface has one."""
        spec = self._spec
        order = self._order(claim.input, name=claim.reference if spec.kind == "flow" else None)
        seconds = min(LAUNCH_SECONDS, spec.item_timeout_s)
        if spec.kind != "flow":
            seconds = spec.item_timeout_s  # where the answer to the start is the result
        started = await self._performer().run(launch(self._wire, order, self._terms(seconds)))
        progress = started.progress
        ended = None
        if progress.finished:
            ended = Ended(
                _status(progress),
                progress.execution_id,
                started.correlation_id,
                progress.result,
                progress.error,
            )
        return Launched(progress.execution_id, started.correlation_id, ended)

    async def follow(self, launched: Launched) -> Ended:
        """Follow the execution; `timed_out` where the item's time is up first."""
        steps = resume(
            self._wire,
            Target(self._spec.kind, self._spec.target_id),
            Progress("running", launched.execution_id),
            self._terms(self._spec.item_timeout_s),
            intent_id=None,
            attempts=1,
            correlation_id=launched.correlation_id,
        )
        outcome: Outcome = await self._performer().run(steps)
        return Ended(
            outcome.status,
            outcome.execution_id,
            outcome.correlation_id,
            outcome.result,
            outcome.error,
        )

    def _order(self, value: JsonObject, *, name: str | None) -> Order:
        spec = self._spec
        return Order(
            spec.target_id,
            value,
            time_limit_s=DEFAULT_FUNCTION_SECONDS if spec.kind == "function" else None,
            user_id=spec.user,
            external_contact_id=spec.external_contact,
            name=name,
        )

    def _performer(self) -> Performer:
        return Performer(self._session, self._wire)

    def _terms(self, seconds: float) -> Terms:
        return Terms(self._session.clock.monotonic(), seconds)


def wire_of(session: Session, spec: RunSpec) -> TargetWire:
    """How the run's kind of target is spoken to."""
    match spec.kind:
        case "flow":
            return session.dialect.flows
        case "action":
            return session.dialect.actions
        case "function":
            return session.dialect.functions


def _status(progress: Progress) -> Status:
    match progress.state:
        case "completed" | "failed" | "timed_out" | "terminated":
            return progress.state
        case "queued" | "running":
            raise ValueError("not over")
