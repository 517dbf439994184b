"""From what a caller asks for to a run's specification, refused before anything is written."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from tieline.calls.deadline import checked_timeout
from tieline.errors import InvalidInput
from tieline.runs.rate import per_minute
from tieline.runs.run import Following, RunSpec, Tells
from tieline.types import TargetKind

MOST_CONCURRENCY = 1_000
DEFAULT_CONCURRENCY = 64


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a run is carried out; every field has the default of `tieline runs start`."""

    rate: str | None = None
    concurrency: int = DEFAULT_CONCURRENCY
    name: str | None = None
    reference_field: str | None = None
    following: Following = "completion"
    item_timeout: float = 120.0
    user: str | None = None
    external_contact: str | None = None
    tells: Tells = "run"


def run_spec(
    *,
    flow: str | None,
    action: str | None,
    function: str | None,
    options: RunOptions,
    profile: str,
    source: str | None,
) -> RunSpec:
    """Check what a run is asked to do.

    Raises:
        InvalidInput: not exactly one target, or an option out of its range.
    """
    kind, target_id = _target(flow=flow, action=action, function=function)
    if not 1 <= options.concurrency <= MOST_CONCURRENCY:
        raise InvalidInput(
            f"concurrency: {options.concurrency} is not between 1 and {MOST_CONCURRENCY}",
            hint=f"{DEFAULT_CONCURRENCY} is enough for the platform's limits",
        )
    return RunSpec(
        kind=kind,
        target_id=target_id,
        name=options.name or f"{kind} {target_id[:8]}",
        rate_per_minute=None if options.rate is None else per_minute(options.rate),
        concurrency=options.concurrency,
        following=options.following,
        item_timeout_s=checked_timeout(options.item_timeout, what="item timeout"),
        user=options.user,
        external_contact=options.external_contact,
        reference_field=options.reference_field,
        items_source=source,
        profile=profile,
        tells=options.tells,
    )


def new_run_id(now: datetime) -> str:
    """An id that sorts by time and is short enough to type: `run-20260131-1f3a5b7c`."""
    return f"run-{now:%Y%m%d}-{uuid.uuid4().hex[:8]}"


def _target(
    *, flow: str | None, action: str | None, function: str | None
) -> tuple[TargetKind, str]:
    given: list[tuple[TargetKind, str]] = []
    if flow is not None:
        given.append(("flow", flow))
    if action is not None:
        given.append(("action", action))
    if function is not None:
        given.append(("function", function))
    if len(given) != 1 or not given[0][1]:
        raise InvalidInput(
            "a run needs exactly one of a flow, an action and a function",
            hint="give one of --flow, --action and --function",
        )
    return given[0]
