"""Imports: a CSV file becomes rows of a draft, all of them or none.

    Uploading ─PUT file─► Processing ─► Complete | Failed      the first two ─PATCH─► Cancelled

What the file says is done at the moment processing ends; `finish_due` catches up with it.
"""

import base64
import hashlib
import uuid

from tieline.emulator import wire_errors
from tieline.emulator.business_rules import errors
from tieline.emulator.business_rules.csv_rows import Problem, Taken, Untaken, take
from tieline.emulator.business_rules.limits import ROWS, limit
from tieline.emulator.business_rules.reading import author
from tieline.emulator.business_rules.version_states import (
    add_version,
    draft_of,
    published_of,
    rows_changed,
    status_of,
)
from tieline.emulator.business_rules.views import TABLES
from tieline.emulator.call import Answer, Call
from tieline.emulator.clock import iso
from tieline.emulator.functions.errors import presigned
from tieline.emulator.paging import cursor_page
from tieline.emulator.tables import Document
from tieline.emulator.wire_errors import Refusal
from tieline.types import JsonObject

MODES = ("Append", "Replace")
UPLOADS = "/uploads/decision-tables"
UPLOAD_HEADERS = {"Content-Type": "text/csv"}
UPLOAD_SECONDS = 3600.0

_OPEN = ("Uploading", "Processing")


def list_imports(call: Call) -> Answer:
    """List a table's imports, newest first."""
    table = call.world.business_rules.table(call.path[0], now=call.now)
    jobs = [job for job in call.world.business_rules.imports if job["table_id"] == table["id"]]
    views = [_view(call, job) for job in reversed(jobs)]
    return Answer(200, cursor_page(call, views, path=f"{TABLES}/{table['id']}/imports"))


def create_import(call: Call) -> Answer:
    """Open an import; its `uploadUrl` takes the file."""
    state = call.world.business_rules
    table = state.table_to_change(call.path[0], now=call.now)
    sent = call.require("importMode", "fileName")
    if sent["importMode"] not in MODES:
        raise errors.not_one_of("importMode", sent["importMode"], MODES)
    name = call.text("fileName") or ""
    if not name.rpartition(".")[0]:
        raise errors.invalid([("fileName", "a name with an extension")])
    job: Document = {
        "id": str(uuid.uuid4()),
        "table_id": table["id"],
        "status": "Uploading",
        "importMode": sent["importMode"],
        "fileName": name,
        "createdBy": author(call),
        "dateCreated": iso(call.now),
        "dateModified": iso(call.now),
        "expires": call.now + UPLOAD_SECONDS,
        "upload_key": uuid.uuid4().hex,
    }
    state.imports.put(job)
    return Answer(200, _view(call, job), effect=job["id"])


def get_import(call: Call) -> Answer:
    """Tell about an import."""
    return Answer(200, _view(call, _job(call)))


def patch_import(call: Call) -> Answer:
    """Cancel an import that has not ended."""
    job = _job(call)
    wanted = call.require("status")["status"]
    if wanted != "Cancelled":
        raise errors.not_one_of("status", wanted, ("Cancelled",))
    if job["status"] in _OPEN:
        job.update(status="Cancelled", dateModified=iso(call.now))
        job.pop("content_base64", None)
    elif job["status"] != "Cancelled":
        raise wire_errors.conflict(f"The import is {job['status']}.", code="job.ended")
    return Answer(200, _view(call, job), effect=job["id"])


def delete_import(call: Call) -> Answer:
    """Forget an import that is not being processed."""
    job = _job(call)
    if job["status"] == "Processing":
        raise wire_errors.conflict("The import is Processing.", code="job.processing")
    call.world.business_rules.imports.remove(job["id"])
    return Answer(204, effect=job["id"])


def upload(call: Call) -> Answer:
    """Take the file of whoever knows the import's address and sends the headers that were told.

    The same file again, as after a lost answer, is taken and changes nothing.
    """
    if call.authorization:
        raise presigned(400, "InvalidArgument", "Only one auth mechanism allowed")
    if any(call.header(name.lower()) != value for name, value in UPLOAD_HEADERS.items()):
        raise presigned(403, "SignatureDoesNotMatch", "A header is not as it was told")
    job = _addressed(call)
    digest = hashlib.sha256(call.body).hexdigest()
    if job["status"] != "Uploading":
        if job["status"] == "Cancelled" or job.get("file_sha256") != digest:
            raise _no_file_taken()
        return Answer(200, text="")
    job.update(
        status="Processing",
        ends=call.now + call.world.settings.decision_table_job_seconds,
        content_base64=base64.b64encode(call.body).decode(),
        file_sha256=digest,
        dateModified=iso(call.now),
    )
    return Answer(200, text="", effect=job["id"])


def _addressed(call: Call) -> Document:
    for job in call.world.business_rules.imports:
        if job["upload_key"] == call.path[0] and call.now < job["expires"]:
            return job
    raise _no_file_taken()


def _no_file_taken() -> Refusal:
    return presigned(403, "AccessDenied", "The address takes no file")


def finish_due(call: Call) -> None:
    """End the imports whose processing is through."""
    for job in call.world.business_rules.imports:
        if job["status"] == "Processing" and job["ends"] <= call.now:
            _finish(call, job, now=job["ends"])


def _finish(call: Call, job: Document, *, now: float) -> None:
    state = call.world.business_rules
    content = base64.b64decode(job.pop("content_base64"))
    job["dateModified"] = job["dateCompleted"] = iso(now)
    table = state.tables.find(job["table_id"])
    draft = None if table is None else draft_of(table)
    if table is None or "gone_at" in table:
        _fail(job, Untaken((Problem(0, "the decision table is deleted"),), {}))
        return
    if draft is not None and status_of(draft, now=now) != "Draft":
        _fail(job, Untaken((Problem(0, "the draft is being prepared"),), {}))
        return
    bases = [version for version in (draft, published_of(table)) if version is not None]
    taken = take(
        content,
        columns=state.columns(table, bases[0] if bases else _unversioned(call, table)),
        versions=[version["rows"] for version in bases],
        mode=job["importMode"],
        queues=call.world.queues,
        most_rows=limit(call, ROWS),
        now=now,
    )
    if isinstance(taken, Untaken):
        _fail(job, taken)
        return
    _complete(call, job, table, taken, now=now)


def _complete(call: Call, job: Document, table: Document, taken: Taken, *, now: float) -> None:
    """A draft that exists gets the rows; otherwise one is made."""
    draft = draft_of(table)
    if draft is None:
        base = published_of(table) or _unversioned(call, table)
        draft = add_version(
            table, taken.rows, schema_version=base["schema_version"], author=job["createdBy"],
            now=now, prepare_seconds=0.0,
        )  # fmt: skip
    else:
        mine = {row["id"] for row in draft["rows"]}
        # Ids are of one version: rows that come from the published one get ids of their own.
        draft["rows"] = [
            row if row["id"] in mine else {**row, "id": str(uuid.uuid4())} for row in taken.rows
        ]
    settle_seconds = call.world.settings.decision_table_settle_seconds
    rows_changed(draft, now=now, settle_seconds=settle_seconds)
    job.update(status="Complete", tableVersion=draft["version"], rowMetrics=taken.metrics)


def _fail(job: Document, why: Untaken) -> None:
    first = why.problems[0]
    job["status"] = "Failed"
    job["rowMetrics"] = dict(why.metrics)
    job["error"] = {
        "errorCode": "import.failed",
        "errorMessage": first.message,
        "messageParams": {},
        "validationErrors": [problem.to_json(job["id"]) for problem in why.problems],
    }


def _unversioned(call: Call, table: JsonObject) -> Document:
    """Stands for a version where a table has none left to begin from."""
    schema = call.world.business_rules.schemas.get(table["schema_id"])
    return {"schema_version": schema["versions"][-1]["version"]}


def _job(call: Call) -> Document:
    state = call.world.business_rules
    table = state.table(call.path[0], now=call.now)
    job = state.imports.get(call.path[1])
    if job["table_id"] != table["id"]:
        raise wire_errors.not_found(job["id"])
    return job


def _view(call: Call, job: JsonObject) -> Document:
    fields = (
        "id", "tableVersion", "status", "importMode", "fileName", "createdBy", "dateCreated",
        "dateModified", "dateCompleted", "rowMetrics", "error",
    )  # fmt: skip
    view = {name: job[name] for name in fields if job.get(name) is not None}
    view["dateExpires"] = iso(job["expires"])
    view["selfUri"] = f"{TABLES}/{job['table_id']}/imports/{job['id']}"
    if job["status"] == "Uploading":
        view["uploadUrl"] = f"{call.origin}{UPLOADS}/{job['upload_key']}"
        view["uploadHeaders"] = dict(UPLOAD_HEADERS)
    return view
