"""A hand for the pipeline's other side: answers effects from a script, and keeps what was asked."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tieline.calls.operation import Answer
from tieline.errors import Error
from tieline.invocations.effects import (
    Conclude,
    Define,
    Effect,
    Intend,
    Look,
    Reply,
    Start,
    Steps,
    Wait,
)
from tieline.invocations.known import Known


@dataclass
class Shell:
    """Answers `Start` and `Look` with wire bodies or errors, in turn; time moves by waits."""

    starts: list[Any] = field(default_factory=list)
    looks: list[Any] = field(default_factory=list)
    definition: Any = None
    recalled: Any = None
    found: Any = ()
    look_seconds: float = 0.0
    now: float = 100.0
    asked: list[Effect] = field(default_factory=list)

    def run(self, steps: Steps[Any]) -> Any:
        reply: Reply | None = None
        while True:
            try:
                effect = next(steps) if reply is None else steps.send(reply)
            except StopIteration as stop:
                return stop.value
            self.asked.append(effect)
            reply = self._reply(effect)

    def kinds(self) -> list[str]:
        return [type(effect).__name__ for effect in self.asked]

    def of(self, kind: type[Any]) -> list[Any]:
        return [effect for effect in self.asked if isinstance(effect, kind)]

    def _reply(self, effect: Effect) -> Reply:
        match effect:
            case Define(ask):
                return self._told(
                    self.definition, lambda body: Known.of(ask.read(Answer(200, body)))
                )
            case Intend():
                return Reply(self.now, "log:1")
            case Start():
                return self._told(
                    self.starts.pop(0), lambda body: Answer(200, body, correlation_id="corr-1")
                )
            case Look(ask):
                self.now += self.look_seconds
                return self._told(self.looks.pop(0), lambda body: ask.read(Answer(200, body)))
            case Wait(seconds):
                self.now += seconds
            case Conclude(outcome):
                return Reply(self.now, replace(outcome, audit_id="log:2"))
        name = type(effect).__name__
        return Reply(self.now, {"Recall": self.recalled, "Find": self.found}.get(name))

    def _told(self, scripted: Any, read: Callable[[Any], Any]) -> Reply:
        if isinstance(scripted, Error):
            return Reply(self.now, error=scripted)
        try:
            return Reply(self.now, read(scripted))
        except Error as error:
            return Reply(self.now, error=error)


@pytest.fixture
def shell() -> Shell:
    """A shell with nothing scripted yet."""
    return Shell()
