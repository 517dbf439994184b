"""Inside the worker: take the job, lock the door, run the handler, tell how it went."""

import json
import os
import sys
import tempfile
import threading
import types
from collections.abc import Callable
from time import monotonic

from tieline.sandbox.jail import wire
from tieline.sandbox.jail.confinement import Confinement, limit_resources
from tieline.sandbox.jail.verdict import NOT_DELIVERED
from tieline.sandbox.python import entry, imports, streams
from tieline.sandbox.python.report import Reporter, error_of, leave, text_of

# Above the handler's own limit, which the warden watches: room for stacks and the interpreter.
_DATA_HEADROOM_MB = 96
_REHEARSAL = {
    "file": os.path.join(os.path.dirname(__file__), "rehearsal.py"),
    "name": "handler",
    "search": [],
    "event": {},
    "context": {"client_context": {}, "function_name": "rehearsal", "memory_mb": 0},
}
# 64 threads then fit beside the handler's memory.
_THREAD_STACK_BYTES = 1024 * 1024


def wait_and_run(confinement: Confinement, fd: int, scratch: str) -> None:
    """Wait for one job on the channel and do it. Never returns normally once there is one."""
    flush = _prepare_ahead(scratch)
    _rehearse(flush)
    received = wire.receive_job(fd)
    if received is None:
        return
    nonce, job = received
    del received
    deadline = monotonic() + job["wall_s"]
    report = Reporter(fd, nonce)
    del nonce
    code = NOT_DELIVERED
    try:
        _prepare(job)
        try:
            confinement.enter(code=job["read"])
        except OSError as exc:
            message = f"this kernel refused a piece of the sandbox: {exc}"
            report.failure("tier_unavailable", {"type": "TierUnavailable", "message": message})
        else:
            _run(report, job, entry.Context(job["context"], deadline=deadline), flush)
        report.wait_for_the_end()
        code = 0
    finally:
        leave(code)


def _prepare_ahead(scratch: str) -> Callable[[], None]:
    # All that needs no job is done while the slot waits for one.
    os.environ.clear()
    tempfile.tempdir = scratch
    threading.stack_size(_THREAD_STACK_BYTES)
    flush = streams.install()
    sys.dont_write_bytecode = True
    for name in [name for name in sys.modules if name.partition(".")[0] == "tieline"]:
        del sys.modules[name]
    sys.modules["__main__"] = types.ModuleType("__main__")
    return flush


def _rehearse(flush: Callable[[], None]) -> None:
    # Every page of memory that a job writes to is copied from the keeper's: once, now, not then.
    job = json.loads(json.dumps(_REHEARSAL))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    report = Reporter(nowhere, bytes(wire.NONCE_BYTES))
    _run(report, job, entry.Context(job["context"], deadline=monotonic()), flush)
    os.close(nowhere)
    sys.modules.pop("rehearsal", None)


def _prepare(job: wire.JobDocument) -> None:
    os.environ.update(job["environment"])
    os.chdir(job["working_folder"])
    sys.argv = [job["file"]]
    sys.path += job["packages"]
    if job["allowed_packages"] is not None:
        imports.ImportGuard(job["allowed_packages"], root=job["root"]).install()
    limit_resources(
        cpu_s=job["cpu_s"],
        memory_mb=job["memory_mb"],
        data_mb=job["memory_mb"] + _DATA_HEADROOM_MB,
    )


def _run(
    report: Reporter, job: wire.JobDocument, context: entry.Context, flush: Callable[[], None]
) -> None:
    try:
        try:
            handler = entry.load(job["file"], job["name"], search=job["search"])
            value = entry.call(handler, job["event"], context)
        finally:
            flush()
    except imports.PackageRejected as exc:
        report.failure("package_rejected", error_of(exc, root=job["root"]))
    except MemoryError:
        message = f"the handler needed more than {job['memory_mb']} MB"
        report.failure("memory", {"type": "MemoryError", "message": message})
    except SystemExit as exc:
        message = f"the handler called sys.exit({text_of(exc)})"
        report.failure("exited", {"type": "SystemExit", "message": message})
    except BaseException as exc:  # noqa: BLE001  # whatever a handler raises is its outcome
        report.failure("exception", error_of(exc, root=job["root"]))
    else:
        report.result(value)
