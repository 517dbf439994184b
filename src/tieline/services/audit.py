"""What an auditor does with a log: verify, search, prove, keep a checkpoint elsewhere, retain."""

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio

from tieline.audit.checkpoint import Checkpoint, VerifierKey, parse_checkpoint, parse_note
from tieline.audit.query import Query
from tieline.calls.destination import Policy
from tieline.clock import Clock, SystemClock, rfc3339
from tieline.errors import InvalidInput, NetworkError, StoreUnavailable, Unsupported
from tieline.http.ssrf import GuardedSender
from tieline.store.segments.files import list_segments, storing
from tieline.store.segments.index import search
from tieline.store.segments.keys import load_chain
from tieline.store.segments.opening import open_log, read_log_id
from tieline.store.segments.prove import newest_checkpoint
from tieline.store.segments.reading import all_records
from tieline.store.segments.retention import RetainResult, retain


def search_log(folder: Path, query: Query, *, limit: int) -> Iterator[Mapping[str, Any]]:
    """Matching records, the newest first. Where the index cannot be kept, the log is read through.

    Raises:
        InvalidInput: there is no log in the folder.
        StoreUnavailable: it cannot be read.
    """
    log_id = require_log(folder)
    try:
        yield from search(folder, log_id, query, limit=limit)
    except sqlite3.Error:
        found = [record for record in all_records(folder) if query.matches(record)]
        yield from reversed(found[-limit:])


def sign_checkpoint(folder: Path, *, clock: Clock | None = None) -> str:
    """Sign everything that is durable, and return the note.

    Where the log cannot be written, a copy for instance, its newest checkpoint is returned.

    Raises:
        InvalidInput: there is no log in the folder.
        StoreUnavailable: it cannot be read, or contradicts what was signed.
    """
    require_log(folder)
    clock = clock or SystemClock()
    opened = open_log(folder)
    try:
        opened.checkpointer.sign(opened.writer.end, wall=clock.wall())
    finally:
        opened.close()
    return newest_checkpoint(folder)[0]


def rotate_key(folder: Path) -> VerifierKey:
    """Let a fresh key sign from here on; what the old one signed stays valid.

    Raises:
        InvalidInput: there is no log in the folder.
        StoreUnavailable: the keys cannot be written.
    """
    require_log(folder)
    opened = open_log(folder)
    try:
        return opened.checkpointer.rotate_key().signer.verifier
    finally:
        opened.close()


def drop_old_segments(folder: Path, *, days: float, clock: Clock | None = None) -> RetainResult:
    """Drop the segments whose records are all older than this, on record.

    Raises:
        InvalidInput: there is no log in the folder, or `days` is negative.
        StoreUnavailable: the log cannot be written; nothing was dropped.
    """
    require_log(folder)
    if days < 0:
        raise InvalidInput(f"--older-than {days:g}: days cannot be negative")
    wall = (clock or SystemClock()).wall()
    since = rfc3339((datetime.fromtimestamp(wall, UTC) - timedelta(days=days)).timestamp())
    opened = open_log(folder)
    try:
        return retain(opened, folder, since=since, wall=wall)
    finally:
        opened.close()


def read_checkpoint(path: Path) -> Checkpoint:
    """A checkpoint that was kept in a file.

    Raises:
        InvalidInput: the file cannot be read or is no checkpoint.
    """
    try:
        note = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise InvalidInput(f"{path} cannot be read as a checkpoint") from exc
    return parse_checkpoint(parse_note(note).text)


def verifier_keys(folder: Path) -> list[str]:
    """The log's public keys as vkeys, the first of them its identity: note it down elsewhere."""
    return [str(link.key) for link in load_chain(folder / "keys")]


def record_number(folder: Path, name: str) -> int:
    """The sequence of a record, from its number or its id `<log>:<sequence>`.

    Raises:
        InvalidInput: it is neither, or is of another log.
    """
    log, _, number = name.rpartition(":")
    if log and log != read_log_id(folder):
        raise InvalidInput(f"record {name} is not of this log")
    if not (number.isascii() and number.isdigit()):
        raise InvalidInput(f"{name} is no record: give its number, or its id log:number")
    return int(number)


def keep_checkpoint(note: str, to: str) -> str:
    """Keep a note elsewhere: a file, `git:REPOSITORY`, or a URL that takes a PUT.

    Returns where it went. The URL may lie in the own network: the person who asks names it.

    Raises:
        InvalidInput: the place is none.
        StoreUnavailable: it could not be written there.
        NetworkError: the URL did not take it.
    """
    if to.startswith("git:"):
        return str(keep_in_git(note, Path(to.removeprefix("git:"))))
    if to.startswith(("https://", "http://")):
        return anyio.run(_put, note, to)
    with storing(to):
        Path(to).write_text(note, "utf-8")
    return to


async def _put(note: str, url: str) -> str:
    anywhere = Policy.allowing("0.0.0.0/0", "::/0", plain_http=True)
    content_type = {"Content-Type": "text/plain; charset=utf-8"}
    answer = await GuardedSender(anywhere).send("PUT", url, content_type, note.encode())
    if not 200 <= answer.status < 300:  # noqa: PLR2004  # RFC 9110: successful
        raise NetworkError(f"{url} answered {answer.status} and kept no checkpoint")
    return url


def keep_in_git(note: str, repository: Path) -> Path:
    """Commit a checkpoint to a git repository, in the file `<log>.checkpoint`.

    Raises:
        Unsupported: there is no git.
        InvalidInput: it is no repository.
        StoreUnavailable: git refused; its reason is in the message.
    """
    git = shutil.which("git")
    if git is None:
        raise Unsupported("git is not installed", hint="copy the checkpoint to a file instead")
    if not (repository / ".git").exists():
        raise InvalidInput(f"{repository} is not the top of a git repository")
    point = parse_checkpoint(parse_note(note).text)
    path = repository / f"{point.origin.rpartition('/')[2]}.checkpoint"
    path.write_text(note, "utf-8")
    subject = f"Checkpoint of {point.origin} at {point.size} records"
    for words in (("add", path.name), ("commit", "--quiet", "-m", subject, "--", path.name)):
        done = subprocess.run(  # noqa: S603  # fixed program and words, no shell
            [git, "-C", str(repository), *words], capture_output=True, text=True, check=False
        )
        if done.returncode and "nothing to commit" not in done.stdout:
            raise StoreUnavailable(f"git {words[0]} in {repository}: {done.stderr.strip()}")
    return path


def require_log(folder: Path) -> str:
    """The id of the log in a folder.

    Raises:
        InvalidInput: there is none.
    """
    log_id = read_log_id(folder)
    if log_id is None or not (list_segments(folder) or (folder / "checkpoint").exists()):
        raise InvalidInput(
            f"there is no audit log in {folder}",
            hint="a log is begun by the first command that changes something",
        )
    return log_id
