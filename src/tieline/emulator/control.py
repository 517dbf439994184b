"""`/_emulator` and `/metrics`: what the emulator tells of itself. Not part of any API."""

import hmac
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import parse_qs

import orjson

from tieline._version import __version__
from tieline.emulator.asgi import Receive, Scope, Send
from tieline.emulator.clock import EmulatorClock
from tieline.emulator.faults import Faults
from tieline.emulator.journal import Journal
from tieline.emulator.local_callers import is_addressed_locally, is_local
from tieline.emulator.sending import Reply, send_reply
from tieline.errors import Error, InvalidInput
from tieline.types import Json

PREFIX = "/_emulator"
METRICS = "/metrics"
_OPENMETRICS = b"application/openmetrics-text; version=1.0.0; charset=utf-8"
# A whole state with hundreds of thousands of executions.
MOST_BYTES = 512 * 1024 * 1024
_MARK = (b"x-emulator", b"control")
_NUMBER = re.compile(r"[0-9]{1,18}")


class Controlled(Protocol):
    """What there is to control: the emulator, by the names that the control calls use."""

    clock: EmulatorClock
    faults: Faults
    journal: Journal

    def dump_state(self) -> dict[str, Any]:
        """The whole state in the fixture's form."""
        ...

    def replace_state(self, document: Json) -> None:
        """Put another state in place of this one; `InvalidInput` where it is none."""
        ...

    def reset(self) -> None:
        """Go back to the fixture."""
        ...

    def tell_clock(self) -> dict[str, Any]:
        """Mode and time."""
        ...

    def set_clock(self, change: Json) -> None:
        """Change mode, move time, or both; `InvalidInput` where it cannot be."""
        ...

    def tell_recording(self) -> dict[str, Any]:
        """What was asked since the state was put in place."""
        ...

    def tell_metrics(self) -> bytes:
        """What was asked, and how executions stand, as OpenMetrics text."""
        ...


class Control:
    """Answers the control calls. Without a token it is for callers on this machine only."""

    def __init__(self, emulator: Controlled, token: str | None) -> None:
        self._emulator = emulator
        self._token = token
        self._calls: dict[tuple[str, str], Callable[[Json, dict[str, list[str]]], Json]] = {
            ("GET", "/health"): self._health,
            ("GET", "/state"): self._state,
            ("PUT", "/state"): self._replace_state,
            ("POST", "/reset"): self._reset,
            ("GET", "/clock"): self._clock,
            ("POST", "/clock"): self._set_clock,
            ("GET", "/faults"): self._faults,
            ("POST", "/faults"): self._add_faults,
            ("DELETE", "/faults"): self._remove_faults,
            ("GET", "/journal"): self._journal,
            ("GET", "/recording"): self._recording,
        }

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one control call."""
        status, body = HTTPStatus.FORBIDDEN, self._refused(scope)
        if body is None and (scope["method"], scope["path"]) == ("GET", METRICS):
            text = self._emulator.tell_metrics()
            await send_reply(send, Reply(HTTPStatus.OK, text, kind=_OPENMETRICS), _MARK)
            return
        if body is None:
            status, body = await self._carry_out(scope, receive)
        await send_reply(send, Reply(status, orjson.dumps(body)), _MARK)

    async def _carry_out(self, scope: Scope, receive: Receive) -> tuple[HTTPStatus, Json]:
        method, path = scope["method"], scope["path"]
        call = self._calls.get((method, path.removeprefix(PREFIX)))
        if call is None:
            return HTTPStatus.NOT_FOUND, _error(f"there is no {method} {path}", "NOT_FOUND")
        query = parse_qs(scope["query_string"].decode("latin-1"))
        try:
            return HTTPStatus.OK, call(await _body(receive), query)
        except Error as error:
            return HTTPStatus.BAD_REQUEST, error.to_json()

    def _refused(self, scope: Scope) -> Json | None:
        headers = dict(scope["headers"])
        if b"origin" in headers:
            return _error("a web page may not control the emulator", "PERMISSION_DENIED")
        if self._token is not None:
            given = headers.get(b"authorization", b"")
            if hmac.compare_digest(given, f"Bearer {self._token}".encode()):
                return None
            return _error("the control token is missing or wrong", "PERMISSION_DENIED")
        if not is_local(scope):
            said = "without a control token only this machine may control"
            return _error(said, "PERMISSION_DENIED")
        if not is_addressed_locally(scope):
            said = "without a control token the emulator is controlled at localhost or 127.0.0.1"
            return _error(said, "PERMISSION_DENIED")
        return None

    def _health(self, _body: Json, _query: dict[str, list[str]]) -> Json:
        return {"status": "ok", "version": __version__, "clock": self._emulator.clock.mode}

    def _state(self, _body: Json, _query: dict[str, list[str]]) -> Json:
        return self._emulator.dump_state()

    def _replace_state(self, body: Json, _query: dict[str, list[str]]) -> Json:
        self._emulator.replace_state(body)
        return self._emulator.dump_state()

    def _reset(self, _body: Json, _query: dict[str, list[str]]) -> Json:
        self._emulator.reset()
        return {"status": "ok"}

    def _clock(self, _body: Json, _query: dict[str, list[str]]) -> Json:
        return self._emulator.tell_clock()

    def _set_clock(self, body: Json, _query: dict[str, list[str]]) -> Json:
        self._emulator.set_clock(body)
        return self._emulator.tell_clock()

    def _faults(self, _body: Json, _query: dict[str, list[str]]) -> Json:
        return {"faults": [rule.to_json() for rule in self._emulator.faults.rules]}

    def _add_faults(self, body: Json, _query: dict[str, list[str]]) -> Json:
        self._emulator.faults.add(body if isinstance(body, list) else [body])
        return self._faults(None, _query)

    def _remove_faults(self, _body: Json, _query: dict[str, list[str]]) -> Json:
        self._emulator.faults.clear()
        return {"faults": []}

    def _recording(self, _body: Json, _query: dict[str, list[str]]) -> Json:
        return self._emulator.tell_recording()

    def _journal(self, _body: Json, query: dict[str, list[str]]) -> Json:
        since = query.get("since", ["0"])[-1]
        if not _NUMBER.fullmatch(since):
            raise InvalidInput("since: a number of the journal, 0 for all of it")
        journal = self._emulator.journal
        entries = [entry.to_json() for entry in journal.since(int(since))]
        return {"entries": entries, "last": journal.last, "dropped": journal.dropped}


async def _body(receive: Receive) -> Json:
    raw = b""
    while True:
        message = await receive()
        raw += message.get("body", b"")
        if len(raw) > MOST_BYTES:
            raise InvalidInput("the body is too large")
        if not message.get("more_body", False):
            break
    if not raw:
        return None
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as exc:
        raise InvalidInput(f"the body is no JSON: {exc}") from exc


def _error(message: str, code: str) -> Json:
    return {"status": "error", "code": code, "message": message, "details": [], "hint": "",
            "correlation_id": None}  # fmt: skip
