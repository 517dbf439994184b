"""`tieline audit`, the verbs that write: checkpoint, retain, rotate-key, adopt."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tieline.cli.context import DEFAULT, Options
from tieline.cli.exits import Exit

Log = Annotated[Path | None, Parameter(name="--log")]
"""A log elsewhere, such as a copy; by default the one in the state directory."""


def log_folder(log: Path | None, options: Options) -> Path:
    """The folder of the log a command is about."""
    return options.load_state_dir() / "audit" if log is None else log


def checkpoint(*, to: str | None = None, log: Log = None, options: Options = DEFAULT) -> int:
    """Sign what is there, print the checkpoint, and keep a copy elsewhere.

    A copy that the log's own machine cannot change is what makes cutting off the end provable.

    ```console
    tieline audit checkpoint
    tieline audit checkpoint --to /mnt/evidence/tieline.checkpoint
    tieline audit checkpoint --to https://evidence.example.org/tieline
    tieline audit checkpoint --to git:/srv/evidence
    ```

    Args:
        to: A file, a URL that takes a PUT, or git:REPOSITORY for a commit.
        log: A log elsewhere, such as a copy.
    """
    from tieline.services.audit import keep_checkpoint, sign_checkpoint, verifier_keys

    folder = log_folder(log, options)
    note = sign_checkpoint(folder)
    kept = None if to is None else keep_checkpoint(note, to)
    keys = verifier_keys(folder)
    options.output.result({"checkpoint": note, "keys": keys, "kept": kept}, text=note.rstrip("\n"))
    if kept is not None:
        options.output.note(f"kept in {kept}")
    return Exit.OK


def retain(*, older_than: float, log: Log = None, options: Options = DEFAULT) -> int:
    """Drop the segments whose records are all older than some days, on record.

    Their hashes stay: every proof about another record remains valid, and a copy of a dropped
    segment can still be proven genuine.

    ```console
    tieline audit retain --older-than 400
    ```

    Args:
        older_than: Days.
        log: A log elsewhere.
    """
    from tieline.services.audit import drop_old_segments

    done = drop_old_segments(log_folder(log, options), days=older_than)
    options.output.result(
        {"first_record": done.first, "dropped": list(done.dropped), "record": done.record}
    )
    return Exit.OK


def rotate_key(*, log: Log = None, options: Options = DEFAULT) -> int:
    """Let a fresh key sign from here on. The old one signs the handover and is forgotten.

    ```console
    tieline audit rotate-key
    ```

    Args:
        log: A log elsewhere.
    """
    from tieline.services.audit import rotate_key as rotate

    options.output.result({"key": str(rotate(log_folder(log, options)))})
    return Exit.OK


def adopt(*, log: Log = None, options: Options = DEFAULT) -> int:
    """Let this machine write a log that was moved here from another one.

    Two machines that write one log would break its order; make sure the other has stopped.

    ```console
    tieline audit adopt
    ```

    Args:
        log: A log elsewhere.
    """
    from tieline.store.segments.opening import adopt_log

    folder = log_folder(log, options)
    adopt_log(folder)
    options.output.result({"adopted": str(folder)})
    return Exit.OK
