"""Tells webhooks how a deployment ended, whatever was deployed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tieline.calls.event_catalogue import DeploymentEnded, DeploymentKind, DeploymentState
from tieline.errors import Error, OutcomeUnknown
from tieline.services.session import Session


@dataclass(slots=True)
class Standing:
    """What stands after a deployment, filled in by it."""

    state: DeploymentState = "applied"
    target_id: str | None = None
    version: str | None = None
    change: str | None = None


@asynccontextmanager
async def told_deployment(
    session: Session, kind: DeploymentKind, name: str
) -> AsyncIterator[Standing]:
    """Tell `deployments.<kind>.<state>` of what the block did; its errors go on.

    One that is interrupted tells nobody: the next one takes it up, and tells.
    """
    standing = Standing()
    try:
        yield standing
    except Error as error:
        standing.state = "uncertain" if isinstance(error, OutcomeUnknown) else "failed"
        await session.trail.tell_deployment(_event(session, kind, name, standing), error)
        raise
    await session.trail.tell_deployment(_event(session, kind, name, standing), None)


def _event(
    session: Session, kind: DeploymentKind, name: str, standing: Standing
) -> DeploymentEnded:
    return DeploymentEnded(
        kind=kind,
        state=standing.state,
        name=name,
        profile=session.profile.name,
        target_id=standing.target_id,
        version=standing.version,
        change=standing.change,
    )
