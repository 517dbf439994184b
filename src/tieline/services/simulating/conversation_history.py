"""The platform's conversation history into a file that rules can be simulated on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import anyio

from tieline.audit.masking import Masker
from tieline.calls.deadline import Deadline
from tieline.calls.polling import JOBS, Polling
from tieline.dialects import analytics
from tieline.dialects.conversation_rows import COLUMNS, conversation_row
from tieline.errors import BadAnswer, DeadlineExceeded, Unsupported
from tieline.rules.exact_number import plain_number
from tieline.rules.field_type import FieldType
from tieline.services.looking_up import described, listed
from tieline.services.session import Session
from tieline.store.history.writing import HistoryWriter
from tieline.types import Json

# The platform promises no time; jobs over a month take minutes.
DEFAULT_WAIT_SECONDS = 1_800.0
# A last word to the platform where we stop waiting.
CANCEL_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was written, and the job it came from."""

    records: int
    job_id: str
    file: Path

    def to_json(self) -> dict[str, Json]:
        """Render the document of `rules history fetch --json`."""
        return {"records": self.records, "job_id": self.job_id, "file": str(self.file)}


async def fetch_history(
    session: Session,
    interval: str,
    output: Path,
    *,
    masker: Masker | None,
    queues: Sequence[str] = (),
    media_types: Sequence[str] = (),
    fields: Mapping[str, FieldType] | None = None,
    wait: float = DEFAULT_WAIT_SECONDS,
) -> Fetched:
    """Fetch the conversations that began in `start/end` into a Parquet or JSON lines file.

    Args:
        session: a session in the platform dialect.
        interval: two ISO 8601 moments with a slash between; at most 31 days.
        output: `.parquet` or `.jsonl`; replaced when everything was read, and not before.
        masker: masks what is personal; None keeps it.
        queues: ids; only conversations that were in one of them, if there are any.
        media_types: as the platform spells them; only conversations of one of them, if any.
        fields: types of a rule file: attributes are cast to them as CSV cells are, in JSON lines
            only, where a value that cannot be cast can stay text and be counted invalid.
        wait: seconds to wait for the job; it is cancelled after that.

    Raises:
        InvalidInput: a queue's id is no UUID.
        Unsupported: the guide dialect has no analytics, or `fields` with Parquet.
        DeadlineExceeded: the job was not ready in time.
        BadAnswer: the job failed, was cancelled by somebody else or has expired.
    """
    if session.dialect.name != "platform":
        raise Unsupported("conversation history is fetched in the platform dialect only")
    if fields and output.suffix != ".jsonl":
        raise Unsupported("attributes are cast in JSON lines only", hint="--output FILE.jsonl")
    with HistoryWriter(output, COLUMNS) as writer:
        job_id = await described(
            session, analytics.submit(interval, queues=queues, media_types=media_types)
        )
        await _fulfilled(session, job_id, wait)
        async for conversation in listed(session, analytics.results(job_id)):
            row = conversation_row(conversation.values)
            masked = row if masker is None else masker.mask(row)
            writer.add(_cast(masked, fields or {}))
        count = writer.count
    return Fetched(count, job_id, output)


async def _fulfilled(session: Session, job_id: str, wait: float) -> None:
    clock = session.clock
    polling = Polling(Deadline.after(wait, now=clock.monotonic()), JOBS)
    phase: str | None = None
    try:
        while True:
            pause = polling.wait(clock.monotonic(), phase=phase)
            if pause is None:
                break
            await clock.sleep(pause)
            status = await described(session, analytics.show(job_id))
            phase = status.state
            if status.state == "fulfilled":
                return
            if status.state != "waiting":
                raise _ended(job_id, status)
    except anyio.get_cancelled_exc_class():
        with anyio.move_on_after(CANCEL_SECONDS, shield=True):
            await session.calls.call(analytics.cancel(job_id), timeout=CANCEL_SECONDS)
        raise
    await session.calls.call(analytics.cancel(job_id), timeout=CANCEL_SECONDS)
    raise DeadlineExceeded(
        f"job {job_id} was not ready after {wait:g} s",
        hint="a shorter --interval, or a longer --wait",
    )


def _ended(job_id: str, status: analytics.JobStatus) -> BadAnswer:
    told = status.problem or "the platform gives no reason"
    return BadAnswer(f"job {job_id} {status.state}: {told}")


def _cast(row: Mapping[str, Json], fields: Mapping[str, FieldType]) -> dict[str, Json]:
    from tieline.rules.simulation.cells import WRONG, cell_value  # noqa: PLC0415  # an extra

    cast: dict[str, Json] = {}
    for name, value in row.items():
        cast[name] = value
        if name in fields and isinstance(value, str):
            found = cell_value(fields[name], value)
            cast[name] = value if found is WRONG else _json(found)
    return cast


def _json(value: Json) -> Json:
    return plain_number(value) if isinstance(value, Decimal) else value
