"""Exports: a version's rows, or its header alone, as a CSV file to be fetched."""

import uuid

from tieline.emulator import wire_errors
from tieline.emulator.business_rules import csv_form, errors
from tieline.emulator.business_rules.reading import Place, author, whole
from tieline.emulator.business_rules.version_states import published_of, require_status
from tieline.emulator.business_rules.views import TABLES
from tieline.emulator.call import Answer, Call
from tieline.emulator.clock import iso
from tieline.emulator.machine import Machine
from tieline.emulator.paging import cursor_page
from tieline.emulator.tables import Document
from tieline.types import JsonObject

TYPES = ("Template", "Populated")
FORMATS = ("Csv",)
DOWNLOADS = "/api/v2/downloads"
FILES = "/files/decision-tables"
DOWNLOAD_SECONDS = 3600.0
_MACHINE = Machine((("Pending", 0.5),))


def list_exports(call: Call) -> Answer:
    """List a table's exports, newest first."""
    table = call.world.business_rules.table(call.path[0], now=call.now)
    jobs = [job for job in call.world.business_rules.exports if job["table_id"] == table["id"]]
    views = [_view(job, now=call.now) for job in reversed(jobs)]
    return Answer(200, cursor_page(call, views, path=f"{TABLES}/{table['id']}/exports"))


def create_export(call: Call) -> Answer:
    """Write a version as CSV: the one asked for, else the published one, else the latest."""
    sent = call.require("exportType", "format")
    for field, allowed in (("exportType", TYPES), ("format", FORMATS)):
        if sent[field] not in allowed:
            raise errors.not_one_of(field, sent[field], allowed)
    state = call.world.business_rules
    place = _exported(call)
    rows = place.version["rows"] if sent["exportType"] == "Populated" else []
    job: Document = {
        "id": str(uuid.uuid4()),
        "table_id": place.table["id"],
        "tableVersion": place.version["version"],
        "exportType": sent["exportType"],
        "format": sent["format"],
        "fileName": f"{place.table['name']}.csv",
        "createdBy": author(call),
        "started": call.now,
        "seconds": [call.world.settings.decision_table_job_seconds],
        "end": "Complete",
        "rows": len(rows),
        "file_key": uuid.uuid4().hex,
        "text": csv_form.write(state.columns(*place), rows),
    }
    state.exports.put(job)
    return Answer(200, _view(job, now=call.now), effect=job["id"])


def get_export(call: Call) -> Answer:
    """Tell about an export; it has its download once it is complete."""
    return Answer(200, _view(_job(call), now=call.now))


def delete_export(call: Call) -> Answer:
    """Forget an export and its file."""
    job = _job(call)
    call.world.business_rules.exports.remove(job["id"])
    return Answer(204, effect=job["id"])


def get_download(call: Call) -> Answer:
    """Tell the address of an export's file."""
    job = call.world.business_rules.exports.get(call.path[0])
    if not _is_there(job, now=call.now):
        raise wire_errors.not_found(job["id"])
    return Answer(200, {"url": f"{call.origin}{FILES}/{job['file_key']}"})


def get_file(call: Call) -> Answer:
    """Send a file to whoever knows its address."""
    for job in call.world.business_rules.exports:
        if job["file_key"] == call.path[0] and _is_there(job, now=call.now):
            return Answer(200, text=job["text"], text_kind=b"text/csv; charset=utf-8")
    raise wire_errors.not_found()


def _exported(call: Call) -> Place:
    state, number = call.world.business_rules, call.sent.get("tableVersion")
    table = state.table_to_change(call.path[0], now=call.now)
    if number is not None:
        version = state.version(table, str(whole("tableVersion", number)))
    else:
        version = published_of(table) or (table["versions"] or [None])[-1]
    if version is None:
        raise errors.nothing_published(table["id"])
    require_status(version, "Draft", "Published", "Superseded", now=call.now)
    return Place(table, version)


def _job(call: Call) -> Document:
    state = call.world.business_rules
    table = state.table(call.path[0], now=call.now)
    job = state.exports.get(call.path[1])
    if job["table_id"] != table["id"]:
        raise wire_errors.not_found(job["id"])
    return job


def _is_there(job: JsonObject, *, now: float) -> bool:
    complete = _MACHINE.of(job, now=now).ended
    return complete is not None and now < complete + DOWNLOAD_SECONDS


def _view(job: JsonObject, *, now: float) -> Document:
    status, ended = _MACHINE.of(job, now=now)
    fields = ("id", "tableVersion", "createdBy", "exportType", "format", "fileName")
    view: Document = {
        **{name: job[name] for name in fields},
        "status": status,
        "dateCreated": iso(job["started"]),
        "dateModified": iso(job["started"] if ended is None else ended),
        "totalRows": job["rows"],
        "rowsExported": 0 if ended is None else job["rows"],
        "selfUri": f"{TABLES}/{job['table_id']}/exports/{job['id']}",
    }
    if ended is not None:
        view["download"] = {"id": job["id"], "selfUri": f"{DOWNLOADS}/{job['id']}"}
        view["dateDownloadExpires"] = iso(ended + DOWNLOAD_SECONDS)
    return view
