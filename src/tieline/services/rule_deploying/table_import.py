"""Rows into a draft as one CSV file: its import takes all of them or none.

    template → import opened → file put → processed

An import is known by its file's name, which is the deployment's own: whatever is left open of an
earlier attempt is cancelled before another is opened, so that no file arrives late.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from tieline.calls.operation import Answer, Request
from tieline.calls.progress import Progress
from tieline.deployments.table_csv import Template, refused_rows, told_refusal
from tieline.deployments.table_rows import Columns
from tieline.dialects import business_rules as wire
from tieline.errors import (
    ApiError,
    AuthenticationFailed,
    BadAnswer,
    Conflict,
    DeadlineExceeded,
    Error,
    InvalidInput,
    OutcomeUnknown,
    RateLimited,
    Unsupported,
)
from tieline.services.looking_up import listed, read_object
from tieline.services.recording.recorded import Subject, recorded_call
from tieline.services.rule_deploying.table_change import MOST_TRIES, change_table
from tieline.services.rule_deploying.table_draft import Draft, another_look, looks_within
from tieline.services.session import Presigned, Session
from tieline.types import JsonObject

EXPORT_SECONDS = 60.0
# As long as the preparation of a draft may take: both write every row.
IMPORT_SECONDS = 900.0
# A file of a thousand rows on a slow line takes longer than a call may.
_PUT_SECONDS = 300.0
_OPEN = frozenset({"Uploading", "Processing"})


class ImportRefused(InvalidInput):
    """The platform read the file and refuses rows of it; the draft is as it was."""


class NotImported(Exception):
    """The rows did not arrive as a file, and no file is under way: they can go by calls."""


_FINAL = (ImportRefused, Conflict, RateLimited, AuthenticationFailed)


def import_name(marker: str) -> str:
    """The name of a deployment's file, from the marker that makes what it made known again."""
    return f"tieline-{marker.rpartition(' ')[2]}.csv"


async def import_rows(draft: Draft, columns: Columns, count: int, file_name: str) -> int:
    """Make the first rows that are wanted the draft's rows; returns the number of the draft then.

    Raises:
        NotImported: no file is under way, and the rows can go by calls.
        ImportRefused: rows are refused; says which rules wrote them.
        Conflict: somebody cancelled it.
        Error: the limit or the credentials forbid any call, or a file may still be under way.
    """
    try:
        await cancel_imports(draft.session, draft.table_id, file_name)
        template = await _template(draft, columns)
    except (RateLimited, AuthenticationFailed):
        raise
    except Error as error:
        raise NotImported(error.message) from error
    if template is None:
        raise NotImported("the template's titles are not those of the columns")
    content = template.write(draft.table.rows[:count])
    try:
        job = await _opened(draft, file_name)
        await _put(draft, job, file_name, content)
        done = await _processed(draft, str(job["id"]))
    except Error as error:
        await cancel_imports(draft.session, draft.table_id, file_name)
        if isinstance(error, _FINAL):
            raise
        raise NotImported(error.message) from error
    number = done.get("tableVersion")
    return number if isinstance(number, int) else draft.version


async def cancel_imports(session: Session, table_id: str, file_name: str) -> None:
    """See to it that no import of this file is under way.

    Raises:
        Error: one may still be.
    """
    async for job in listed(session, wire.imports(table_id)):
        if job.get("fileName") == file_name and job.get("status") in _OPEN:
            request = wire.cancel_import(table_id, str(job["id"]))
            try:
                await change_table(session, request, table_id)
            except Conflict:  # it came to its end meanwhile
                continue


async def _template(draft: Draft, columns: Columns) -> Template | None:
    """Have the draft's template exported; None where its header cannot be read for certain."""
    session = draft.session
    job = await change_table(
        session, wire.export_template(draft.table_id, draft.version), draft.table_id
    )
    looks = looks_within(session, EXPORT_SECONDS)
    while job.get("status") == "Pending" and await another_look(session, looks):
        job = await read_object(session, wire.get_export(draft.table_id, str(job["id"])))
    download = (job.get("download") or {}).get("id")
    if job.get("status") != "Complete" or download is None:
        raise BadAnswer(f"table_exports.get: the template's export is {job.get('status')}")
    told = await read_object(session, wire.get_download(str(download)))
    answer = await _presigned(session).get(
        wire.export_file(), url=str(told.get("url")), timeout=session.timeout, progress=Progress()
    )
    return Template.read(str(answer.body), columns)


async def _opened(draft: Draft, file_name: str) -> JsonObject:
    session, request = draft.session, wire.create_import(draft.table_id, file_name)
    lost: Error | None = None
    for _ in range(MOST_TRIES):
        try:
            # The URL is a key to the upload, so the log does not hold it.
            return await recorded_call(
                session, request, _subject(draft), _offer, keep=lambda _: None
            )
        except OutcomeUnknown as error:
            lost = error
            await cancel_imports(session, draft.table_id, file_name)
    raise lost or BadAnswer("table_imports.create: no import stands")


def _offer(answer: Answer) -> JsonObject:
    job = answer.body
    if not isinstance(job, dict) or not job.get("id") or not isinstance(job.get("uploadUrl"), str):
        raise BadAnswer("table_imports.create: an id and an uploadUrl were expected")
    return job


async def _put(draft: Draft, job: JsonObject, file_name: str, content: bytes) -> None:
    """Put the file; where that fails, the import's status tells whether it arrived all the same."""
    session = draft.session
    headers: Mapping[str, Any] = job.get("uploadHeaders") or {}

    async def put(
        request: Request,
        *,
        timeout: float | None,  # noqa: ASYNC109  # a deadline over waits and retries
        progress: Progress,
    ) -> Answer:
        return await _presigned(session).put(
            request,
            url=str(job["uploadUrl"]),
            headers={name: str(value) for name, value in headers.items()},
            content=content,
            timeout=max(timeout or 0.0, _PUT_SECONDS),
            progress=progress,
        )

    request = wire.import_file(file_name, content, hashlib.sha256(content).hexdigest())
    for attempt in range(1, MOST_TRIES + 1):
        try:
            await recorded_call(session, request, _subject(draft), lambda _: None, send=put)
        except (OutcomeUnknown, ApiError) as error:
            found = await read_object(session, wire.get_import(draft.table_id, str(job["id"])))
            if found.get("status") != "Uploading":
                return
            if attempt == MOST_TRIES or isinstance(error, ApiError):
                raise
        else:
            return


async def _processed(draft: Draft, job_id: str) -> JsonObject:
    looks = looks_within(draft.session, IMPORT_SECONDS)
    while True:
        job = await read_object(draft.session, wire.get_import(draft.table_id, job_id))
        match job.get("status"):
            case "Complete":
                return job
            case "Failed":
                raise _refused(job, draft)
            case "Cancelled":
                raise Conflict("the import of the rows was cancelled by somebody", status=409)
        if not await another_look(draft.session, looks):
            raise DeadlineExceeded(
                f"the import of the rows is still {job.get('status')} after {IMPORT_SECONDS:g} s"
            )


def _refused(job: JsonObject, draft: Draft) -> Error:
    error: JsonObject = job.get("error") or {}
    errors = [one for one in error.get("validationErrors") or () if isinstance(one, dict)]
    details = refused_rows(errors, draft.table, draft.rules.ruleset)
    rows = [detail for detail in details if detail["row"] is not None]
    if not rows:
        said = error.get("errorMessage") or "without a reason"
        return BadAnswer(f"the platform refuses the file of the rows: {said}", details=details)
    more = f" (and {len(rows) - 1} more)" if len(rows) > 1 else ""
    return ImportRefused(
        f"the platform refuses {told_refusal(rows[0])}{more}",
        hint="mend the rule and deploy again", details=details,
    )  # fmt: skip


def _subject(draft: Draft) -> Subject:
    return Subject("decision_table", draft.table_id, str(draft.version))


def _presigned(session: Session) -> Presigned:
    if session.presigned is None:
        raise Unsupported("this client's session cannot call presigned addresses")
    return session.presigned
