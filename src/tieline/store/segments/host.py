"""One log belongs to one machine: its locks mean nothing to another.

Processes of one kernel, containers included, share a log. A second machine on the same network
file system is refused. A log that was moved on purpose is taken over with `tieline audit adopt`;
on a local disk it must have been moved, so it is taken over without asking.
"""

import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from tieline.errors import StoreUnavailable
from tieline.store.segments.files import storing, write_private

# File systems that two machines can have mounted at once (names as in /proc/mounts).
_NETWORKED = frozenset({
    "afs", "beegfs", "ceph", "cifs", "fuse.ceph", "fuse.glusterfs", "fuse.sshfs", "gfs2",
    "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "smb3", "smbfs",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Host:
    """Who writes: the machine, and which run of its kernel (empty where that is not told)."""

    machine: str
    boot: str


def this_host() -> Host:
    """The machine's id where it has one, else its name; Linux tells the boot as well."""
    machine = _read("/etc/machine-id") or platform.node()
    return Host(machine, _read("/proc/sys/kernel/random/boot_id"))


def on_network(folder: Path) -> bool:
    """True where another machine may have the folder mounted too; False where that is not told."""
    path, kind, longest = os.path.realpath(folder), "", 0
    for line in _read("/proc/mounts").splitlines():
        _, mount, mount_kind, *_ = line.split(" ")
        mount = mount.replace("\\040", " ")
        inside = path == mount or path.startswith(mount.rstrip("/") + "/")
        if inside and len(mount) >= longest:
            kind, longest = mount_kind, len(mount)
    return kind in _NETWORKED


def claim(folder: Path, host: Host, *, networked: bool) -> None:
    """Write for this host, or refuse. Call it under the log's lock.

    Raises:
        StoreUnavailable: another machine writes this log on a network file system.
    """
    with storing(folder):
        owner = _owner(folder)
    if owner == host:
        return
    if owner is not None and networked and not _is_same(owner, host):
        raise StoreUnavailable(
            f"the audit log at {folder} is written by another machine ({owner.machine})",
            hint="give this machine a --state-dir of its own; if the log was moved here,"
            " `tieline audit adopt`",
        )
    adopt(folder, host)


def adopt(folder: Path, host: Host) -> None:
    """Let this host write from here on. Call it under the log's lock."""
    with storing(folder):
        write_private(folder / "host.json", orjson.dumps(asdict(host)))


def _is_same(owner: Host, host: Host) -> bool:
    """One machine across boots, or one kernel across containers."""
    return owner.machine == host.machine or (owner.boot == host.boot and bool(host.boot))


def _owner(folder: Path) -> Host | None:
    try:
        members = orjson.loads((folder / "host.json").read_bytes())
        return Host(str(members["machine"]), str(members["boot"]))
    except (FileNotFoundError, orjson.JSONDecodeError, KeyError, TypeError):
        return None


def _read(path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
