"""Doctor's checks that send nothing: configuration, secrets at rest, state, sandbox."""

import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tieline.cli.finding import Finding, Level
from tieline.cli.output import counted
from tieline.config.fields import FIELDS
from tieline.config.load import Sources
from tieline.config.profile import Profile

# A run of a million items needs about 300 MB of ledger and as much of audit log.
_ROOMY_BYTES = 1024**3
_TIGHT_BYTES = 100 * 1024**2
_OTHERS_MAY_READ = stat.S_IRGRP | stat.S_IROTH


def configuration(sources: Sources, profile: Profile) -> Iterator[Finding]:
    """Which file and profile are used, and names that disagree with each other."""
    where = f" of {sources.file.path}" if sources.file is not None else "; there is no tieline.toml"
    yield Finding("config", "ok", f"profile {profile.name}{where}")
    for variables in sources.variables:
        for clash in variables.overruled():
            yield Finding(
                "config",
                "warning",
                f"{variables.place}: {clash.winner} and {clash.loser} disagree; "
                f"{clash.winner} wins",
                fix=f"unset {clash.loser}",
            )


def region(profile: Profile) -> Finding:
    """Where calls go."""
    name = profile.region or "an address of its own"
    return Finding("region", "ok", f"{name}: {profile.base_url}, {profile.api} dialect")


def secrets_at_rest(sources: Sources, profile: Profile) -> Iterator[Finding]:
    """Secrets in files: who else can read them, and whether they are where they get committed."""
    secret_fields = {field.name for field in FIELDS if field.secret}
    for name in secret_fields & profile.sources.keys():
        source = profile.sources[name]
        if sources.file is not None and source.startswith(f"{sources.file.path}:"):
            yield Finding(
                "secrets",
                "warning",
                f"{name} is in {source.rpartition(':')[0]}, a file people commit",
                fix="move it into .env beside it, or a keyring",
            )
    for path in _secret_files(sources):
        if os.name == "posix" and path.stat().st_mode & _OTHERS_MAY_READ:
            yield Finding(
                "secrets",
                "warning",
                f"{path} can be read by other users of this machine",
                fix=f"chmod 600 {path}",
            )


def state_directory(path: Path) -> Finding:
    """Room and the right to write where ledgers and logs go; makes nothing."""
    exists = next(folder for folder in (path, *path.parents) if folder.exists())
    if not exists.is_dir():
        return Finding("disk", "problem", f"{exists} is no folder", fix="set state_dir elsewhere")
    if not os.access(exists, os.W_OK | os.X_OK):
        return Finding(
            "disk", "problem", f"{exists} is not writable", fix="set state_dir to a folder that is"
        )
    free = shutil.disk_usage(exists).free
    message = f"{free / 1024**3:.1f} GiB free for {path}"
    if free < _TIGHT_BYTES:
        return Finding("disk", "problem", message, fix="free some space, or set state_dir")
    if free < _ROOMY_BYTES:
        return Finding("disk", "warning", message, fix="free some space before a large run")
    return Finding("disk", "ok", message)


def stores(path: Path) -> Iterator[Finding]:
    """What the state directory holds, and whether it can be read; opens nothing for writing."""
    ledger = path / "ledger.db"
    if not ledger.exists() and not (path / "audit").is_dir():
        yield Finding("store", "ok", "nothing is stored yet")
        return
    if ledger.exists():
        yield _ledger(ledger)
    if (path / "audit").is_dir():
        yield Finding("store", "ok", "there is an audit log; `tieline audit verify` proves it")


def sandbox() -> Finding:
    """The strongest tier that local function runs have here, and what a stronger one lacks."""
    from tieline.sandbox.tiers import available_tiers

    states = available_tiers()
    tiers = [state.tier for state in states if state.available]
    lacking = "; ".join(f"{s.tier}: {s.reason}" for s in states if not s.available)
    if not tiers:
        return Finding("sandbox", "warning", f"no local function runs: {lacking}")
    level: Level = "ok" if len(tiers) > 1 else "warning"
    missing = f" ({lacking})" if lacking else ""
    return Finding("sandbox", level, f"tiers {', '.join(tiers)}{missing}")


def _ledger(path: Path) -> Finding:
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
            (runs,) = database.execute("SELECT count(*) FROM runs").fetchone()
    except sqlite3.Error as error:
        return Finding(
            "store",
            "problem",
            f"{path} cannot be read: {error}",
            fix="restore it from a copy; a run's items are in it alone",
        )
    return Finding("store", "ok", f"{path} holds {counted(runs, 'run')}")


def _secret_files(sources: Sources) -> Iterator[Path]:
    for variables in sources.variables:
        path = Path(variables.place)
        if path.is_absolute() and path.is_file():
            yield path
