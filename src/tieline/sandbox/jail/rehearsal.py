"""Rehearse a run, so that the real one is not the first this process sees.

A fork shares its memory with the keeper, and every page is copied when it is first written to. In
Python even reading writes, because objects count their references: the copying took longer than the
work. So while a slot waits, it goes the whole way once, from the job to the report. The worker is
only looked at; host and runner are stand-ins.
"""

import contextlib
import json
import socket
from dataclasses import asdict

from tieline.sandbox.jail import wire
from tieline.sandbox.jail.family import Family
from tieline.sandbox.jail.logs import LogCollector
from tieline.sandbox.jail.watch import Watch
from tieline.sandbox.limits import Limits


class _OnlyMeasured(Family):
    """The worker, measured as in a run, but neither ended nor reaped."""

    def worker_exited(self) -> bool:
        return False

    def stop(self) -> None:
        self.note_usage()

    def end(self) -> None:
        self.note_usage()


def rehearse(worker: int, scratch: str) -> None:
    """Do for nothing what is done with a job; the process `worker` is not touched."""
    limits = Limits()
    settings = asdict(limits) | {"cpu_s": limits.cpu_allowed_s}
    host, slot = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    runner, channel = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    logs = LogCollector(most_bytes=0, most_lines=0)
    family = _OnlyMeasured(worker, "confined")
    with host, slot, runner, channel, contextlib.closing(logs):
        watch = Watch(
            slot=slot,
            channel=channel,
            logs=logs,
            family=family,
            scratch=scratch,
            limits=json.loads(json.dumps(settings)),
        )
        runner.send(wire.READY)
        runner.send(watch.nonce + wire.LAST + b"null")
        report = watch.over(b"{}")
        if report is not None:
            report.send(slot)
            wire.read_frame(host)
    family.unwatch()
    logs.close_senders()
