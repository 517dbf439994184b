"""Asking a recording's requests again, in order and in its time, and telling what differs.

Ids that the emulator gave out then are other ids now: each effect's id is replaced in what follows.
Compared are the status and, for JSON, the answer without the fields that are new every time.
"""

import base64
import http.client
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from tieline.emulator.recording import FORMAT, Exchanged
from tieline.emulator.remote_control import RemoteControl
from tieline.errors import ConfigInvalid
from tieline.types import Json, JsonObject

# New with every request, or moments that depend on when the emulator was started.
_VOLATILE = frozenset(
    {"contextId", "createdTime", "dateLaunched", "dateCompleted", "dateModified", "dateCreated",
     "createdDate", "modifiedDate", "dateTokenIdles"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """An exchange that ended otherwise than when it was recorded."""

    n: int
    method: str
    path: str
    was: int | None
    now: int
    answer_differs: bool

    def to_json(self) -> dict[str, Any]:
        """The form in the command's result."""
        return {
            "n": self.n,
            "method": self.method,
            "path": self.path,
            "was": self.was,
            "now": self.now,
            "answer_differs": self.answer_differs,
        }


@dataclass(slots=True)
class Replay:
    """What a replay came to."""

    requests: int = 0
    left_out: int = 0
    """Exchanges that a fault had hit: their answers say nothing about the organisation. Those that
    were carried out all the same are sent again, and not compared."""
    differences: list[Difference] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """The command's result."""
        return {
            "ok": not self.differences,
            "requests": self.requests,
            "left_out": self.left_out,
            "differences": [each.to_json() for each in self.differences],
        }


def write_recording(path: Path, document: Mapping[str, Any]) -> None:
    """Write what `GET /_emulator/recording` gave as JSON lines."""
    head = {"format": document["format"], "state": document["state"]}
    lines = [head, *document["exchanges"]]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")


def read_recording(path: Path) -> tuple[JsonObject, list[Exchanged]]:
    """Read a recording: its state and its exchanges.

    Raises:
        ConfigInvalid: it cannot be read; names the line.
    """
    number = 1
    try:
        with path.open(encoding="utf-8") as lines:
            head = json.loads(next(lines, "null"))
            if not isinstance(head, dict) or head.get("format") != FORMAT:
                raise ConfigInvalid(f"{path}, line 1: this is no recording of an emulator")
            exchanges = []
            for line in lines:
                number += 1
                exchanges.append(Exchanged.read(json.loads(line)))
    except OSError as exc:
        raise ConfigInvalid(f"{path} cannot be read: {exc.strerror}") from exc
    except (ValueError, TypeError) as exc:
        raise ConfigInvalid(f"{path}, line {number}: {exc}") from exc
    state: JsonObject = head["state"]
    return state, exchanges


def replay(url: str, state: JsonObject, exchanges: Iterable[Exchanged]) -> Replay:
    """Put the state in place at the emulator of this URL, then send the requests one by one."""
    control = RemoteControl(url)
    control.call("PUT", "/state", state)
    control.call("POST", "/clock", {"mode": "virtual"})
    result, now = Replay(), 0.0
    with closing(_Sender(url, control.call("GET", "/state"))) as sender:
        for exchange in exchanges:
            if exchange.at > now:
                control.call("POST", "/clock", {"advance": exchange.at - now})
                now = exchange.at
            if exchange.fault is None:
                result.requests += 1
                result.differences += sender.compare(exchange)
                continue
            result.left_out += 1
            if exchange.effect is not None:
                sender.send(exchange)
    return result


class _Sender:
    """Sends requests as the client they came from, with the ids of this time in them."""

    def __init__(self, url: str, state: JsonObject) -> None:
        place = urlsplit(url)
        self._connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
        self._secrets = {client["id"]: client["secret"] for client in state["clients"]}
        self._tokens: dict[tuple[str, str], str] = {}
        self._ids: dict[str, str] = {}

    def close(self) -> None:
        self._connection.close()

    def compare(self, exchange: Exchanged) -> Iterator[Difference]:
        status, answer = self.send(exchange)
        was, is_now = _json(self._today(exchange.answer)), _json(answer)
        if exchange.effect is not None:
            self._learn(exchange.effect, _json(exchange.answer), is_now)
            was = _json(self._today(exchange.answer))
        differs = _steady(was) != _steady(is_now)
        if status != exchange.status or differs:
            yield Difference(
                exchange.n, exchange.method, exchange.path, exchange.status, status, differs
            )

    def send(self, exchange: Exchanged) -> tuple[int, str]:
        headers = {"Content-Type": "application/json"}
        if exchange.client is not None:
            token = self._token(exchange.client, exchange.dialect)
            headers["Authorization"] = f"Bearer {token}"
        target = self._today(exchange.path) + (f"?{exchange.query}" if exchange.query else "")
        body = self._today(exchange.body).encode() or None
        return self._exchange(exchange.method, target, body, headers)

    def _learn(self, effect: str, was: Json, is_now: Json) -> None:
        """Find where the effect's id stood in the answer, and what stands there today."""
        pairs = [(was, is_now)]
        while pairs:
            old, new = pairs.pop()
            if old == effect and isinstance(new, str):
                self._ids[effect] = new
                return
            if isinstance(old, dict) and isinstance(new, dict):
                pairs += [(old[name], new[name]) for name in old.keys() & new.keys()]
            elif isinstance(old, list) and isinstance(new, list):
                pairs += zip(old, new, strict=False)

    def _today(self, text: str) -> str:
        for old, new in self._ids.items():
            text = text.replace(old, new)
        return text

    def _token(self, client: str, dialect: str) -> str:
        known = self._tokens.get((client, dialect))
        if known is None:
            known = self._tokens[client, dialect] = self._log_in(client, dialect)
        return known

    def _log_in(self, client: str, dialect: str) -> str:
        secret = self._secrets.get(client, "")
        form = {"grant_type": "client_credentials"}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        path = "/oauth/token"
        if dialect == "guide":
            form |= {"client_id": client, "client_secret": secret}
            path = "/api/v2/oauth/token"
        else:
            pair = base64.b64encode(f"{client}:{secret}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        _, answer = self._exchange("POST", path, urlencode(form).encode(), headers)
        return str((_json(answer) or {}).get("access_token", ""))

    def _exchange(
        self, method: str, target: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, str]:
        self._connection.request(method, target, body=body, headers=headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _steady(value: Json) -> Json:
    if isinstance(value, dict):
        return {k: _steady(v) for k, v in value.items() if k not in _VOLATILE}
    return [_steady(item) for item in value] if isinstance(value, list) else value
