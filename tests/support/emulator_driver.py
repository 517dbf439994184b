"""A plain driver for the emulator in this process; it shares no code with the client."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson

from tieline.emulator.app import Emulator

FUNCTION = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
LOOKUP = "custom_-_7c1d8a52-3b0e-4f6e-9a53-1d2f5b8c9e01"
INTAKE = "0c9a4d8e-2d57-4a0c-8a42-6f0f3c7f5b10"
FLOW = "3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11"
USER = "9d2f7a30-5b7e-4f0e-8c3d-2a6b1e4f7c01"
CONTACT = "c7a4e2b1-6f3d-4e8a-9b0c-5d1f8a2e3b02"
QUEUE = "5b8e1c9d-7a2f-4d3b-8e6c-0f9a1b2c3d03"


@dataclass
class Got:
    """A whole answer."""

    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.raw)


class Driver:
    """Sends requests into the application as a server would."""

    def __init__(self, app: Emulator) -> None:
        self.app = app
        self.token = ""

    async def login(
        self, client: str = "tieline-demo", *, scope: str | None = None, path: str = "/oauth/token"
    ) -> "Driver":
        form = {
            "grant_type": "client_credentials",
            "client_id": client,
            "client_secret": f"{client}-secret",
        }
        if scope is not None:
            form["scope"] = scope
        got = await self.send("POST", path, raw=urlencode(form).encode(),
                              kind="application/x-www-form-urlencoded")  # fmt: skip
        self.token = got.json["access_token"]
        return self

    async def send(
        self,
        method: str,
        target: str,
        body: Any = ...,
        *,
        raw: bytes | None = None,
        kind: str | None = "application/json",
        headers: Mapping[str, str] | None = None,
        client: tuple[str, int] | None = ("127.0.0.1", 1),
    ) -> Got:
        content = raw if raw is not None else b"" if body is ... else orjson.dumps(body)
        path, _, query = target.partition("?")
        given = {"authorization": f"Bearer {self.token}", **(headers or {})}
        if kind is not None:
            given["content-type"] = kind
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(k.lower().encode(), v.encode()) for k, v in given.items()],
            "client": client,
        }
        sent = [{"type": "http.request", "body": content, "more_body": False}]
        told: list[Any] = []

        async def receive() -> Any:
            return sent.pop() if sent else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            told.append(message)

        await self.app(scope, receive, send)
        start = told[0]
        return Got(
            start["status"],
            {k.decode(): v.decode() for k, v in start["headers"]},
            b"".join(message.get("body", b"") for message in told[1:]),
        )

    async def get(self, target: str) -> Got:
        return await self.send("GET", target)

    async def post(self, target: str, body: Any = ...) -> Got:
        return await self.send("POST", target, body)
