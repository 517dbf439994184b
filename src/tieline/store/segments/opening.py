"""Opens the log of a folder, making one at first use.

`log.json` is written last: where it stands, keys and a signed checkpoint of the empty log stand.
"""

import secrets
from dataclasses import dataclass
from pathlib import Path

import orjson

from tieline._version import __version__
from tieline.errors import InvalidInput, StoreUnavailable
from tieline.store.segments.checkpointer import Checkpointer, first_checkpoint
from tieline.store.segments.files import VERIFY_HINT, storing, write_private
from tieline.store.segments.host import Host, adopt, claim, on_network, this_host
from tieline.store.segments.keys import LogKeys, load_keys, make_keys
from tieline.store.segments.lock import held_lock
from tieline.store.segments.writer import SEGMENT_BYTES, SegmentWriter


@dataclass(frozen=True, slots=True)
class OpenLog:
    """A log's parts, ready to append."""

    log_id: str
    keys: LogKeys
    writer: SegmentWriter
    checkpointer: Checkpointer

    def close(self) -> None:
        """Let go of the files."""
        self.writer.close()
        self.checkpointer.close()


def open_log(
    folder: Path,
    *,
    segment_bytes: int = SEGMENT_BYTES,
    host: Host | None = None,
    networked: bool | None = None,
) -> OpenLog:
    """Open the log in `folder`; waits for another process that is just making it.

    `host` and `networked` say who asks and on what file system; by default that is looked up.

    Raises:
        StoreUnavailable: it cannot be read and written, its end is not what was signed, or
            another machine writes it.
    """
    log_id, keys = _prepare(folder, host or this_host(), networked=networked)
    checkpointer = Checkpointer(folder, log_id, keys)
    writer = SegmentWriter(folder, log_id, code_version=__version__, segment_bytes=segment_bytes)
    if writer.end.seq < checkpointer.size:
        raise StoreUnavailable(
            f"the audit log at {folder} has {writer.end.seq} records, but {checkpointer.size}"
            " were signed: the others were taken away",
            hint=VERIFY_HINT,
        )
    return OpenLog(log_id, keys, writer, checkpointer)


def adopt_log(folder: Path) -> None:
    """Take over a log that was moved here from another machine.

    Raises:
        StoreUnavailable: it cannot be written.
        InvalidInput: there is no log.
    """
    if read_log_id(folder) is None:
        raise InvalidInput(f"there is no audit log in {folder}")
    with storing(folder), held_lock(folder):
        adopt(folder, this_host())


def read_log_id(folder: Path) -> str | None:
    """The id of the log in `folder`; None where there is no log.

    Raises:
        StoreUnavailable: its file is unreadable or damaged.
    """
    path = folder / "log.json"
    with storing(path):
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
    try:
        return str(orjson.loads(content)["log"])
    except (orjson.JSONDecodeError, KeyError, TypeError) as exc:
        raise StoreUnavailable(f"{path} is damaged", hint=VERIFY_HINT) from exc


def _prepare(folder: Path, host: Host, *, networked: bool | None) -> tuple[str, LogKeys]:
    with storing(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with held_lock(folder):
            claim(folder, host, networked=on_network(folder) if networked is None else networked)
            log_id = read_log_id(folder)
            if log_id is not None:
                return log_id, load_keys(folder / "keys", log_id)
            return _make(folder)


def _make(folder: Path) -> tuple[str, LogKeys]:
    log_id = secrets.token_hex(8)
    keys = make_keys(folder / "keys", log_id)
    first_checkpoint(folder, keys)
    write_private(folder / "log.json", orjson.dumps({"log": log_id, "format": 1}))
    return log_id, keys
