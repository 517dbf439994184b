"""A whole session without a network: scripted calls, a jumping clock, a log in memory."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import pytest

from tieline.audit.memory import MemoryLog
from tieline.calls.operation import Answer, Request
from tieline.calls.progress import Progress
from tieline.clock import JumpingClock
from tieline.config.profile import Profile
from tieline.dialects.guide import GUIDE
from tieline.dialects.platform import PLATFORM
from tieline.observe.metrics import Metrics
from tieline.services.recording.trail import Actor, Trail
from tieline.services.session import Session


@dataclass
class ScriptedCalls:
    """Answers by operation name: a body, an error, or something to await; the last one stays."""

    script: dict[str, list[Any]] = field(default_factory=dict)
    seen: list[Request] = field(default_factory=list)

    async def call(
        self,
        request: Request,
        *,
        timeout: float | None = None,  # noqa: ASYNC109  # the port's own
        correlation_id: str | None = None,
        progress: Progress | None = None,
    ) -> Answer:
        self.seen.append(request)
        await anyio.lowlevel.checkpoint()
        queue = self.script[request.operation.name]
        told = queue.pop(0) if len(queue) > 1 else queue[0]
        if isinstance(told, anyio.Event):
            if progress is not None:
                progress.attempts, progress.uncertain = 1, True
            await told.wait()
            told = queue[0]
        if isinstance(told, Exception):
            raise told
        return Answer(200, told, correlation_id="corr-1")

    def with_options(
        self, *, timeout: float | None = None, retries: int | None = None
    ) -> "ScriptedCalls":
        return ScriptedCalls(self.script, self.seen)

    async def aclose(self) -> None:
        self.seen.clear()

    def names(self) -> list[str]:
        return [request.operation.name for request in self.seen]


@dataclass
class World:
    """The session and the parts a test looks at."""

    session: Session
    calls: ScriptedCalls
    log: MemoryLog
    clock: JumpingClock

    def recorded(self) -> list[tuple[str, str | None]]:
        return [(record.phase, record.status) for record in self.log.records]


@pytest.fixture
def make_world(tmp_path: Path) -> Callable[..., World]:
    """Make a world of one dialect from a script of answers."""

    def make(api: Any = "guide", **script: list[Any]) -> World:
        log, clock = MemoryLog(key=b"k" * 32), JumpingClock()
        calls = ScriptedCalls({name.replace("__", "."): told for name, told in script.items()})
        profile = Profile("test", api, "http://x", "http://x", tmp_path)

        async def open_log() -> MemoryLog:
            return log

        session = Session(
            profile=profile,
            dialect=GUIDE if api == "guide" else PLATFORM,
            calls=calls,
            trail=Trail(open_log, Actor("test", "client-1")),
            metrics=Metrics(),
            clock=clock,
            timeout=60.0,
        )
        return World(session, calls, log, clock)

    return make
