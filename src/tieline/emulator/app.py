"""The emulator as an ASGI application: a world, a clock, a journal, faults, and the gate."""

import os
from pathlib import Path
from typing import Any

from tieline.emulator import fixture as fixtures
from tieline.emulator.areas import ROUTES
from tieline.emulator.asgi import Receive, Scope, Send
from tieline.emulator.clock import ClockMode, EmulatorClock, iso
from tieline.emulator.control import METRICS, PREFIX, Control
from tieline.emulator.faults import Faults
from tieline.emulator.gate import Gate
from tieline.emulator.journal import Entry, Journal
from tieline.emulator.rates import RateWindows
from tieline.emulator.recording import Recording
from tieline.emulator.routes import RouteTable
from tieline.emulator.world import World
from tieline.errors import InvalidInput
from tieline.types import Json, JsonObject

CONTROL_TOKEN_VARIABLE = "TIELINE_EMULATOR_TOKEN"  # noqa: S105  # the name of a variable
_TABLE = RouteTable(ROUTES)


class Emulator:
    """One emulated organisation. An ASGI application; use its methods in the same process.

    All requests are carried out on the event loop that serves them, one at a time between awaits,
    so that state needs no lock.
    """

    def __init__(
        self, document: JsonObject, *, clock: EmulatorClock, control_token: str | None = None
    ) -> None:
        self.clock = clock
        self.journal = Journal()
        self.faults = Faults()
        self._fixture = document
        self._windows = RateWindows()
        self._gate = Gate(_TABLE, self.journal, self.faults, self._windows)
        self._control = Control(self, control_token)
        self._enter(document)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection; websockets are refused."""
        if scope["type"] == "http":
            path: str = scope["path"]
            if path.startswith(PREFIX) or path == METRICS:
                await self._control.handle(scope, receive, send)
            else:
                await self._gate.handle(scope, receive, send)
        elif scope["type"] == "lifespan":
            await _live(receive, send)

    def reset(self) -> None:
        """Go back to the fixture; empty journal, faults and rate windows. Time stays."""
        self.journal.clear()
        self.faults.clear()
        self._enter(self._fixture)

    def dump_state(self) -> dict[str, Any]:
        """The whole state in the fixture's form."""
        return self.world.dump()

    def replace_state(self, document: Json) -> None:
        """Put another state in place of this one; the journal goes on, `reset` goes back.

        Raises:
            InvalidInput: it is no fixture; the state stays as it was.
        """
        fixtures.check(document)
        self._enter(document)

    def set_clock(self, change: Json) -> None:
        """Change mode (`{"mode": "virtual"}`), move time (`{"advance": 30.0}`), or both.

        Raises:
            InvalidInput: neither, or a time that cannot pass.
        """
        if not isinstance(change, dict) or not change or set(change) - {"mode", "advance"}:
            raise InvalidInput('clock: {"mode": "real" or "virtual"} or {"advance": seconds}')
        mode, seconds = change.get("mode"), change.get("advance", 0.0)
        if mode not in {None, "real", "virtual"}:
            raise InvalidInput(f"clock: there is no mode {mode!r}")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise InvalidInput("clock: advance is a number of seconds")
        self.clock.advance(seconds)
        if mode == "virtual":
            self.clock.stop()
        elif mode == "real":
            self.clock.start()

    def tell_recording(self) -> dict[str, Any]:
        """What was asked since the state was put in place; `tieline emulator record` writes it."""
        return self._gate.recording.to_json()

    def tell_metrics(self) -> bytes:
        """What was asked since the last reset, and how executions stand, as OpenMetrics text."""
        from tieline.emulator.metrics import openmetrics  # noqa: PLC0415  # loads prometheus-client

        return openmetrics(self.journal, self.world)

    def tell_clock(self) -> dict[str, Any]:
        """Mode and time, as the control call tells them."""
        now = self.clock.now()
        return {"clock": self.clock.mode, "mode": self.clock.mode, "now": iso(now), "epoch": now}

    def add_fault(self, rule: JsonObject) -> None:
        """Add a fault rule (interface of `POST /_emulator/faults`).

        Raises:
            InvalidInput: it cannot be read.
        """
        self.faults.add([rule])

    def entries(self, operation: str | None = None) -> list[Entry]:
        """The journal, or those of its entries that were one operation."""
        found = self.journal.since()
        return found if operation is None else [e for e in found if e.operation == operation]

    def _enter(self, document: JsonObject) -> None:
        self.world = self._gate.world = World(fixtures.whole(document), self.clock)
        self._gate.recording = Recording(document, began=self.clock.now())
        self._windows.clear()


def create_app(
    fixture: JsonObject | Path | str | None = None,
    clock: ClockMode | EmulatorClock = "real",
    *,
    control_token: str | None = None,
) -> Emulator:
    """Make an emulator.

    Args:
        fixture: a document, the path of a JSON or YAML file, or None for the default.
        clock: `real`, `virtual`, or a clock that somebody else moves.
        control_token: what control calls must bring as bearer token; by default the variable
            TIELINE_EMULATOR_TOKEN, else they are for this machine only.

    Raises:
        ConfigInvalid: a file that is no fixture.
        InvalidInput: a document that is none.
    """
    if fixture is None:
        document: JsonObject = {}
    elif isinstance(fixture, Path | str):
        document = fixtures.load_fixture(Path(fixture))
    else:
        fixtures.check(fixture)
        document = fixture
    token = control_token or os.environ.get(CONTROL_TOKEN_VARIABLE) or None
    moving = clock if isinstance(clock, EmulatorClock) else EmulatorClock(clock)
    return Emulator(document, clock=moving, control_token=token)


async def _live(receive: Receive, send: Send) -> None:
    while True:
        event = (await receive())["type"]
        await send({"type": f"{event}.complete"})
        if event == "lifespan.shutdown":
            return
