"""A draft of a decision table on its way to execute: ready, published, asked whether it is."""

from dataclasses import dataclass

from tieline.calls.deadline import Deadline
from tieline.calls.operation import Request
from tieline.calls.polling import Polling, Rhythm
from tieline.deployments.table_rows import Columns
from tieline.dialects import business_rules as wire
from tieline.errors import Conflict, OutcomeUnknown
from tieline.rules.table import Table
from tieline.services.rule_deploying.source import CheckedRules
from tieline.services.rule_deploying.table_change import change_table
from tieline.services.rule_deploying.table_standing import (
    published_version,
    read_table,
    read_version,
)
from tieline.services.session import Session

# Rows are copied in the background: seconds as a rule, minutes for large tables.
PREPARE_SECONDS = 900.0
# Row changes settle asynchronously; a publish before that is refused.
SETTLE_SECONDS = 60.0
LOOKS = Rhythm(first=0.25, growth=2.0, longest=10.0)


@dataclass(frozen=True, slots=True)
class Draft:
    """One version of one table. `rules` and `table` are what it is to mean."""

    session: Session
    table_id: str
    version: int
    rules: CheckedRules
    table: Table

    async def ready(self) -> None:
        """Wait until it can be changed.

        Raises:
            Conflict: the platform could not prepare it.
        """
        looks = looks_within(self.session, PREPARE_SECONDS)
        while True:
            status = (await read_version(self.session, self.table_id, self.version)).get("status")
            if status in ("Draft", "Published"):
                return
            if status != "Preparing" or not await another_look(self.session, looks):
                raise Conflict(
                    f"version {self.version} of {self.table.name} is {status} and no draft",
                    status=409,
                )

    async def publish(self) -> None:
        """Let executions use it; while row changes settle, ask again for up to a minute.

        Raises:
            Conflict: it still cannot be published.
        """
        looks = looks_within(self.session, SETTLE_SECONDS)
        while True:
            try:
                await self.change(wire.publish_version(self.table_id, self.version))
            except (Conflict, OutcomeUnknown):
                if await self.is_published():
                    return
                if not await another_look(self.session, looks):
                    raise
            else:
                return

    async def is_published(self) -> bool:
        """Whether executions use this version."""
        return published_version(await read_table(self.session, self.table_id)) == self.version

    async def columns(self) -> Columns:
        """The ids of its columns."""
        version = await read_version(self.session, self.table_id, self.version)
        return Columns.read(version.get("columns") or {})

    async def change(self, request: Request) -> None:
        """Make one change of it or of its rows."""
        await change_table(self.session, request, self.table_id)


def looks_within(session: Session, seconds: float) -> Polling:
    """Looks at something under way, for so long."""
    return Polling(Deadline.after(seconds, now=session.clock.monotonic()), LOOKS)


async def another_look(session: Session, looks: Polling) -> bool:
    """Wait until the next look; False once the time is over."""
    wait = looks.wait(session.clock.monotonic())
    if wait is None:
        return False
    await session.clock.sleep(wait)
    return True
