"""A draft of a decision table on its way to execute: rows, read back, tried out, published.

Every change is followed, or preceded, by a look at what stands, so that a repeat after a lost
answer or a crash finds out what is done already.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tieline.calls.operation import Answer, Request
from tieline.deployments.table_rows import BareRow, Columns, bare_row
from tieline.dialects import business_rules as wire
from tieline.errors import BadAnswer, Conflict, Error, OutcomeUnknown
from tieline.rules.diff import fingerprint
from tieline.rules.model import Ruleset
from tieline.rules.probes import expected_outputs, probe_records, wire_inputs
from tieline.rules.table import Table
from tieline.services.recorded import Subject, recorded_call
from tieline.services.rule_source import CheckedRules, ChecksFailed
from tieline.services.session import Session
from tieline.services.table_standing import (
    published_version,
    read_rows,
    read_table,
    read_version,
)
from tieline.types import Json

# Rows are copied in the background: seconds as a rule, minutes for large tables.
PREPARE_SECONDS = 900.0
# Row changes settle asynchronously; a publish before that is refused.
SETTLE_SECONDS = 60.0
_FIRST_PAUSE_SECONDS = 0.25
_LONGEST_PAUSE_SECONDS = 10.0
MOST_TRIES = 4
# After the publish a few are enough: the draft was tried out with all of them.
MOST_CANARIES = 5


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
        pauses = _Pauses(self.session, PREPARE_SECONDS)
        while True:
            status = (await read_version(self.session, self.table_id, self.version)).get("status")
            if status in ("Draft", "Published"):
                return
            if status != "Preparing" or not await pauses.more():
                raise Conflict(
                    f"version {self.version} of {self.table.name} is {status} and no draft",
                    status=409,
                )

    async def fill(self) -> None:
        """Make its rows the ones that are wanted: what stands up to the first difference stays."""
        columns = await self._columns()
        wanted = [bare_row(row) for row in self.table.rows]
        lost: Error | None = None
        for _ in range(MOST_TRIES):
            standing = await read_rows(self.session, self.table_id, self.version)
            common = _common([columns.bare(row) for row in standing], wanted)
            try:
                await self._remove([str(row["id"]) for row in standing[common:]])
                await self._add(common, columns)
            except OutcomeUnknown as error:
                lost = error
                continue
            return
        raise lost or BadAnswer("the rows of the draft do not settle")

    async def compare(self) -> None:
        """Read the rows back.

        Raises:
            BadAnswer: they are not what was sent.
        """
        columns = await self._columns()
        standing = [
            columns.bare(row) for row in await read_rows(self.session, self.table_id, self.version)
        ]
        wanted = [bare_row(row) for row in self.table.rows]
        common = _common(standing, wanted)
        if common < max(len(standing), len(wanted)):
            raise BadAnswer(
                f"{self.table.name}: row {common + 1} of {len(wanted)} was not kept as it was sent"
            )

    async def try_out(self) -> int:
        """Execute the draft with records whose target is known; returns how many.

        Raises:
            ChecksFailed: the platform decides one otherwise than the rules say.
        """
        records = probe_records(self.ruleset, self.table)
        for record in records:
            inputs = wire_inputs(self.table, record)
            answer = await self._call(wire.execute_version(self.table_id, self.version, inputs))
            self._judge(record, answer)
        return len(records)

    async def publish(self) -> None:
        """Let executions use it; while row changes settle, ask again for up to a minute.

        Raises:
            Conflict: it still cannot be published.
        """
        pauses = _Pauses(self.session, SETTLE_SECONDS)
        while True:
            try:
                await self._change(wire.publish_version(self.table_id, self.version))
            except (Conflict, OutcomeUnknown):
                if await self.is_published():
                    return
                if not await pauses.more():
                    raise
            else:
                return

    async def is_published(self) -> bool:
        """Whether executions use this version."""
        return published_version(await read_table(self.session, self.table_id)) == self.version

    async def canary(self) -> None:
        """Execute what is published, and see that it is this version and decides as the rules do.

        Raises:
            ChecksFailed: it is not, or does not.
        """
        for record in probe_records(self.ruleset, self.table, most=MOST_CANARIES):
            inputs = wire_inputs(self.table, record)
            answer = await self._call(wire.execute_table(self.table_id, inputs))
            executed = _member(answer.body, "table", "version")
            if executed != self.version:
                raise ChecksFailed(f"version {executed} answers after version {self.version} was "
                                   "published")  # fmt: skip
            self._judge(record, answer)

    @property
    def ruleset(self) -> Ruleset:
        """The rules."""
        return self.rules.ruleset

    def _judge(self, record: Json, answer: Answer) -> None:
        expected = expected_outputs(
            self.ruleset, self.table, record, queue_ids=self.rules.queue_ids
        )
        results = _member(answer.body, "rowExecutionOutputs") or []
        found = results[0].get("outputs") if results else None
        if not _alike(expected, found):
            raise ChecksFailed(
                f"{self.table.name}: the platform sends a record elsewhere than the rules say",
                hint="nothing of this deployment is in use; please report it with the rule file",
                details=[{"record": record, "expected": expected, "found": found}],
            )

    async def _columns(self) -> Columns:
        version = await read_version(self.session, self.table_id, self.version)
        return Columns.read(version.get("columns") or {})

    async def _remove(self, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), wire.MOST_REMOVED):
            piece = list(ids[start : start + wire.MOST_REMOVED])
            await self._change(wire.remove_rows(self.table_id, self.version, piece))

    async def _add(self, first: int, columns: Columns) -> None:
        ids = columns.ids()
        bodies = [self.table.row_json(row, ids) for row in self.table.rows[first:]]
        for start in range(0, len(bodies), wire.MOST_ADDED):
            piece = bodies[start : start + wire.MOST_ADDED]
            await self._change(wire.add_rows(self.table_id, self.version, piece))

    async def _change(self, request: Request) -> None:
        subject = Subject("decision_table", self.table_id, str(self.version))
        await recorded_call(self.session, request, subject, lambda _: None)

    async def _call(self, request: Request) -> Answer:
        return await self.session.calls.call(request, timeout=self.session.timeout)


class _Pauses:
    """Growing pauses between looks, as long as there is time."""

    def __init__(self, session: Session, seconds: float) -> None:
        self._clock = session.clock
        self._until = session.clock.monotonic() + seconds
        self._pause = _FIRST_PAUSE_SECONDS

    async def more(self) -> bool:
        """Wait a while; False once the time is over."""
        if self._clock.monotonic() >= self._until:
            return False
        await self._clock.sleep(self._pause)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE_SECONDS)
        return True


def _common(standing: Sequence[BareRow], wanted: Sequence[BareRow]) -> int:
    """How many rows from the first on are the same."""
    for number, (left, right) in enumerate(zip(standing, wanted, strict=False)):
        if fingerprint(left) != fingerprint(right):
            return number
    return min(len(standing), len(wanted))


def _member(body: Json, *path: str) -> Json:
    for name in path:
        if not isinstance(body, dict):
            raise BadAnswer("tables.execute: the answer is no JSON object")
        body = body.get(name)
    return body


def _alike(expected: dict[str, Json] | None, found: Json) -> bool:
    if expected is None or not isinstance(found, dict):
        return expected is found
    return all(fingerprint(found.get(key)) == fingerprint(value) for key, value in expected.items())
