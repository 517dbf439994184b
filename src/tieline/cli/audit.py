"""`tieline audit`: what was done, proven."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from tieline.cli import audit_upkeep as upkeep
from tieline.cli.audit_upkeep import Log, log_folder
from tieline.cli.context import DEFAULT, DEFAULT_LIST, ListOptions, Options
from tieline.cli.exits import Exit
from tieline.errors import InvalidInput

if TYPE_CHECKING:
    from tieline.services.audit_export import Format
    from tieline.store.segments.verify import Verification

app = App(name="audit", help="Verify, search, prove and export the audit log.")

_COLUMNS = ("time", "seq", "phase", "operation", "target_id", "status", "correlation_id")


@app.command
def verify(
    *,
    since: Path | None = None,
    key: str | None = None,
    workers: int | None = None,
    log: Log = None,
    options: Options = DEFAULT,
) -> int:
    """Hold every record against the tree and the tree against what was signed.

    Exit code 7 when something was altered, removed, inserted, reordered or cut off. A log that was
    cut off together with its checkpoint shows only against a checkpoint that was kept elsewhere:
    give it with --since.

    ```console
    tieline audit verify
    tieline audit verify --since kept.checkpoint --json
    ```

    Args:
        since: Verify only what came after the checkpoint in this file.
        key: A verifier key noted down elsewhere; the log's keys must lead back to it.
        workers: Processes that read at once; by default one a core.
        log: A log elsewhere, such as a copy.
    """
    from tieline.audit.checkpoint import VerifierKey
    from tieline.services.audit import read_checkpoint
    from tieline.store.segments.verify import verify_log

    found = verify_log(
        log_folder(log, options),
        since=None if since is None else read_checkpoint(since),
        pinned=None if key is None else VerifierKey.parse(key),
        workers=workers or os.cpu_count() or 1,
    )
    options.output.result(found.to_json(), text=_told(found))
    return Exit.OK if found.ok else Exit.PROBLEMS


@app.command
def search(
    *,
    since: str | None = None,
    until: str | None = None,
    target: str | None = None,
    status: str | None = None,
    operation: str | None = None,
    id: str | None = None,  # noqa: A002  # the option is --id
    field: list[str] | None = None,
    limit: int = 100,
    log: Log = None,
    options: ListOptions = DEFAULT_LIST,
) -> int:
    r"""Find records, the newest first. All that is given must hold.

    ```console
    tieline audit search --target 3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11 \
        --status failed
    tieline audit search --field masked_input.region=emea --since 2026-01-31 \
        --jsonl
    ```

    Args:
        since: From this time on (RFC 3339, UTC; a date alone is its midnight).
        until: Before this time.
        target: Id of what was acted on.
        status: How it ended: completed, failed, uncertain, refused …
        operation: Its name, such as flows.launch.
        id: A record's id, or any correlation, execution, trace or intent id, or input HMAC.
        field: PATH=VALUE of any field; may be given several times.
        limit: At most this many.
        log: A log elsewhere, such as a copy.
    """
    from tieline.audit.query import Query
    from tieline.services.audit import search_log

    pairs = [text.partition("=") for text in field or []]
    for path, equals, _ in pairs:
        if not path or not equals:
            raise InvalidInput(f"--field {path}: expected PATH=VALUE")
    query = Query(
        since=since,
        until=until,
        target=target,
        status=status,
        operation=operation,
        id=id,
        fields={path: value for path, _, value in pairs},
    )
    found = search_log(log_folder(log, options), query, limit=limit)
    options.output.records(found, columns=_COLUMNS)
    return Exit.OK


@app.command
def prove(
    record: str | None = None,
    /,
    *,
    since: Path | None = None,
    log: Log = None,
    options: Options = DEFAULT,
) -> int:
    """Prove that a record is in the log, or that an old log is the beginning of today's.

    Always a JSON document, for `docs/how-to/check_proof.py` and anybody else's program.

    ```console
    tieline audit prove 6241ce5653df9c40:17 > proof.json
    tieline audit prove --since kept.checkpoint > proof.json
    ```

    Args:
        record: Number or id of the record.
        since: File of an earlier checkpoint.
        log: A log elsewhere, such as a copy.
    """
    from tieline.cli.output import print_line, to_json
    from tieline.services.audit import read_checkpoint, record_number
    from tieline.store.segments.prove import prove_consistency, prove_inclusion

    folder = log_folder(log, options)
    if (record is None) == (since is None):
        raise InvalidInput("give either a record or --since CHECKPOINT")
    if since is not None:
        print_line(to_json(prove_consistency(folder, read_checkpoint(since)).to_json()))
    elif record is not None:
        number = record_number(folder, record)
        print_line(to_json(prove_inclusion(folder, number).to_json()))
    return Exit.OK


@app.command
def export(
    file: Annotated[str, Parameter(allow_leading_hyphen=True)] = "-",
    /,
    *,
    format: Literal["jsonl", "csv", "parquet"] | None = None,  # noqa: A002  # the option is --format
    view: Literal["records", "guide0", "guide1"] = "records",
    log: Log = None,
    options: Options = DEFAULT,
) -> int:
    """Write the records for other programs.

    ```console
    tieline audit export audit.parquet
    tieline audit export - --format csv --view guide1
    ```

    Args:
        file: Where to; - is stdout. Its ending tells the format.
        format: jsonl, csv or parquet.
        view: records, or the guides' own record shapes: guide0 (functions), guide1 (actions).
        log: A log elsewhere, such as a copy.
    """
    from tieline.services.audit import require_log
    from tieline.services.audit_export import export_log

    folder = log_folder(log, options)
    require_log(folder)
    form = format or _format_of(file)
    if file == "-":
        export_log(folder, sys.stdout.buffer, form=form, view=view)
        return Exit.OK
    with Path(file).open("wb") as to:
        count = export_log(folder, to, form=form, view=view)
    options.output.result({"file": file, "rows": count, "format": form, "view": view})
    return Exit.OK


@app.command
def schema() -> int:
    """Print the JSON Schema of a record.

    ```console
    tieline audit schema > record.schema.json
    ```
    """
    from tieline.audit.schema import record_schema
    from tieline.cli.output import print_line, to_json

    print_line(to_json(record_schema()))
    return Exit.OK


app.command(upkeep.checkpoint)
app.command(upkeep.retain)
app.command(upkeep.rotate_key)
app.command(upkeep.adopt)


def _counted(problems: int) -> str:
    return "1 problem" if problems == 1 else f"{problems} problems"


def _format_of(file: str) -> "Format":
    endings: dict[str, Format] = {".csv": "csv", ".parquet": "parquet", ".jsonl": "jsonl"}
    return endings.get(Path(file).suffix, "jsonl")


def _told(found: "Verification") -> str:
    head = f"{found.size} signed records, root {found.root.hex()}"
    lines = [
        f"{problem.kind:<14}  {problem.segment or '-'}  {problem.message}"
        for problem in found.problems
    ]
    if found.unsigned:
        lines.append(f"{found.unsigned} records behind the checkpoint are not signed yet")
    if found.retained_from:
        lines.append(f"records before {found.retained_from} were dropped, on record")
    verdict = "intact" if found.ok else _counted(len(found.problems))
    return "\n".join([f"{verdict}: {head}", *lines])
