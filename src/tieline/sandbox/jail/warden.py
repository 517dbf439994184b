"""One slot: start the worker, wait for its job, have it watched, end everything, report.

The warden is single-threaded and handles no user data but by copying it. Whatever happens to the
worker, when the report is sent nothing the handler started is alive. The scratch folder is gone, or
being removed if it is very large.
"""

import contextlib
import json
import signal
import socket
from typing import Any

from tieline.sandbox.jail import scratch as scratch_folder
from tieline.sandbox.jail import wire
from tieline.sandbox.jail.family import Family
from tieline.sandbox.jail.logs import LogCollector
from tieline.sandbox.jail.rehearsal import rehearse
from tieline.sandbox.jail.spec import SlotSpec
from tieline.sandbox.jail.watch import Watch
from tieline.sandbox.jail.worker import start_worker

_TIDY_WITHIN_S = 0.1


def serve(slot: socket.socket, spec: SlotSpec) -> None:
    """Be a slot: worker ready, then one job, one report, the end. Returns when it is over."""
    scratch = scratch_folder.make(spec.scratch_parent)
    logs = LogCollector(most_bytes=0, most_lines=0)
    channel, worker_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    worker = start_worker(spec, worker_end, logs, scratch, (slot, channel))
    family = Family(worker, spec.tier)
    worker_end.close()
    logs.close_senders()
    try:
        rehearse(worker, scratch)
        limits, job = _await_job(slot)
        if limits is not None and job is not None:
            logs.most_bytes, logs.most_lines = limits["log_bytes"], limits["log_lines"]
            report = Watch(
                slot=slot,
                channel=channel,
                logs=logs,
                family=family,
                scratch=scratch,
                limits=limits,
            ).over(job)
            # A handler can make a heap whose removal takes seconds; the report does not wait.
            scratch_folder.remove(scratch, within_s=_TIDY_WITHIN_S)
            if report is not None:
                with contextlib.suppress(OSError):  # the host left meanwhile
                    report.send(slot)
    finally:
        family.end()
        scratch_folder.remove(scratch)


def _await_job(slot: socket.socket) -> tuple[dict[str, Any] | None, bytes | None]:
    # None: the host closed the slot unused, or died.
    limits = wire.read_frame(slot)
    job = None if limits is None else wire.read_frame(slot)
    return (None, None) if limits is None else (json.loads(limits), job)


def ignore_signals() -> None:
    """Ctrl-C in a terminal is the host's to handle; it closes our socket."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGTSTP):
        signal.signal(number, signal.SIG_IGN)
