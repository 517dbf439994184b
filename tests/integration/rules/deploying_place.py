"""An organisation, a rule file and a state directory, for the tests of deployments."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tieline.blocking.client import Client
from tieline.calls.operation import Answer, Request
from tieline.clock import JumpingClock
from tieline.config.profile import Profile
from tieline.emulator.server import Address
from tieline.errors import Error
from tieline.secret import Secret
from tieline.services.connection import open_session
from tieline.services.session import Calls

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "examples" / "rules" / "technical-support.yaml").read_text()
# The clients' waits take no time, so what they wait for takes little more.
QUICK = {
    "decision_table_prepare_seconds": 0.005,
    "decision_table_settle_seconds": 0.005,
    "decision_table_delete_seconds": 0.0,
    "decision_table_job_seconds": 0.0,
}
FAULTS: list[dict[str, Any]] = [
    {"kind": "status", "status": 400},
    {"kind": "status", "status": 409},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 429, "retry_after": 0},
    {"kind": "drop_after_read"},
    {"kind": "drop_after_commit"},
    {"kind": "garbage"},
]


class Overheard:
    """Calls whose answers somebody else hears first, and may act upon."""

    def __init__(self, inner: Calls, heard: Callable[[Request], None]) -> None:
        self._inner = inner
        self._heard = heard
        self.limit_key = inner.limit_key

    async def call(self, request: Request, **more: Any) -> Answer:
        answer = await self._inner.call(request, **more)
        self._heard(request)
        return answer

    def with_options(self, **more: Any) -> "Overheard":
        return Overheard(self._inner.with_options(**more), self._heard)

    async def aclose(self) -> None:
        await self._inner.aclose()


@dataclass
class Place:
    """An organisation, a rule file and a state directory."""

    address: Address
    folder: Path
    api: Any = "guide"

    @property
    def file(self) -> Path:
        return self.folder / "rules.yaml"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def client(self, heard: Callable[[Request], None] | None = None) -> Client:
        profile = Profile(
            "test", self.api, self.address.url, self.address.url, self.state,
            client_id="tieline-demo", client_secret=Secret("tieline-demo-secret"), retries=1,
        )  # fmt: skip
        session = open_session(profile, clock=JumpingClock())
        if heard is not None:
            session = replace(session, calls=Overheard(session.calls, heard))
        return Client(session=session)

    def apply(
        self, *, heard: Callable[[Request], None] | None = None, replace_table: bool = False
    ) -> Any:
        with self.client(heard) as client:
            return client.rules.plan(self.file, replace_table=replace_table).apply()

    def failure(self, *, replace_table: bool = False) -> str | None:
        """What an apply failed with."""
        try:
            self.apply(replace_table=replace_table)
        except Error as error:
            return error.message
        return None

    def rollback(self) -> Any:
        with self.client() as client:
            return client.rules.rollback(self.file)

    def status(self) -> Any:
        with self.client() as client:
            return client.rules.status(self.file)

    def control(self, method: str, what: str, body: Any = None) -> Any:
        request = urllib.request.Request(  # noqa: S310  # our own emulator on loopback
            f"{self.address.url}/_emulator/{what}", method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # as above
            content = answer.read()
        return json.loads(content) if content else None

    def fault(
        self, method: str, path: str, do: dict[str, Any], calls: tuple[int, ...] = (1,)
    ) -> None:
        rule: dict[str, Any] = {"match": {"method": method, "path": path}, "do": do}
        self.control("POST", "faults", [{**rule, **({"calls": calls} if calls else {})}])

    def changes(self) -> list[str]:
        """What was carried out and changed something, by operation, the token apart."""
        entries = self.control("GET", "journal")["entries"]
        return [
            e["operation"] for e in entries
            if e["effect"] and e["method"] != "GET" and e["operation"] != "oauth.token"
        ]  # fmt: skip

    def reset(self) -> None:
        self.control("POST", "reset")
        self.settings(**QUICK)

    def settings(self, **changed: float) -> None:
        with self.state_changed() as state:
            state["settings"] = {**state.get("settings", {}), **changed}

    @contextmanager
    def state_changed(self) -> Iterator[Any]:
        """The emulator's state, put back as the block leaves it."""
        state = self.control("GET", "state")
        yield state
        self.control("PUT", "state", state)

    def standing(self) -> Any:
        """What there is: names of rules, or of schemas, tables and the states of versions."""
        state = self.control("GET", "state")
        if self.api == "guide":
            return sorted((r["name"], r["priority"]) for r in state["routing_rules"])
        tables = [t for t in state["decision_tables"] if "gone_at" not in t]
        return (
            sum(not s.get("deleted") for s in state["rule_schemas"]),
            [[(v["version"], v["end"], len(v["rows"])) for v in t["versions"]] for t in tables],
        )
