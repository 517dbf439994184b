"""Lives of a process that works on a run and is killed; forked from one that has all loaded.

Reads a JSON line a life on stdin, forks, lets the child work and die, and answers how it ended.
Nothing of the product is changed for it: the child wraps the two ports at whose edges it dies.
"""

import asyncio
import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tieline.clock import SystemClock
from tieline.errors import NetworkError, OutcomeUnknown
from tieline.runs.item import Claim
from tieline.services.running.carrier import Ended, Launched
from tieline.services.running.engine import Engine
from tieline.store.ledger.claims import Share
from tieline.store.ledger.database import Database, Session
from tieline.store.ledger.ledger import Ledger
from tieline.store.ledger.postgres_database import PostgresDatabase
from tieline.store.ledger.sqlite_database import SqliteDatabase


class Death:
    """SIGKILL at the n-th time a step is reached."""

    def __init__(self, step: str | None, times: int) -> None:
        self._step = step
        self._left = times

    def at(self, step: str) -> None:
        if step == self._step:
            self._left -= 1
            if self._left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


class MortalDatabase:
    """A database whose user may die just before, or just after, a commit."""

    def __init__(self, inner: Database, death: Death) -> None:
        self._inner = inner
        self._death = death
        self.one_machine = inner.one_machine

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with self._inner.transaction() as session:
            yield session
            self._death.at("before commit")
        self._death.at("after commit")

    def close(self) -> None:
        self._inner.close()


class RawCarrier:
    """Launches over a bare socket, so that it can die between any two bytes."""

    def __init__(self, life: dict[str, Any], death: Death) -> None:
        self._life = life
        self._death = death

    async def launch(self, claim: Claim) -> Launched:
        self._death.at("before write")
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._life["port"])
        except OSError as exc:
            raise NetworkError("no connection") from exc
        try:
            writer.write(self._request(claim))
            await writer.drain()
            self._death.at("after write")
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            answer = json.loads(await reader.readexactly(length))
        except (OSError, EOFError) as exc:
            raise OutcomeUnknown("no answer") from exc
        finally:
            writer.close()
        self._death.at("after answer")
        return Launched(answer["id"], None, Ended("completed", answer["id"]))

    async def follow(self, launched: Launched) -> Ended:
        raise AssertionError("every launch of this carrier is over when it is answered")

    def _request(self, claim: Claim) -> bytes:
        body = json.dumps(
            {"flowId": self._life["flow"], "inputData": claim.input, "name": claim.reference}
        ).encode()
        return (
            f"POST /api/v2/flows/executions HTTP/1.1\r\nHost: emulator\r\n"
            f"Authorization: Bearer {self._life['token']}\r\nContent-Type: application/json\r\n"
            f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body


def open_database(life: dict[str, Any]) -> Database:
    if life["store"] == "sqlite":
        return SqliteDatabase(Path(life["where"]))
    return PostgresDatabase(life["where"], schema=life["schema"])


async def live(life: dict[str, Any]) -> None:
    death = Death(life["step"], life["times"])
    ledger = Ledger(MortalDatabase(open_database(life), death))
    stored = await ledger.find(life["run"])
    owner = await ledger.enlist(stored.no, "driver")
    assert owner is not None, "a dead driver was taken for a living one"
    await ledger.set_state(stored.no, "running", only_from=frozenset({"running", "paused"}))
    engine = Engine(
        ledger,
        RawCarrier(life, death),
        Share(stored.no, life["run"], owner),
        role="driver",
        slots=life["slots"],
        following="completion",
        clock=SystemClock(),
    )
    await engine.run()
    await ledger.retire(stored.no, owner)
    await ledger.aclose()


def main() -> None:
    for line in sys.stdin:
        life = json.loads(line)
        child = os.fork()
        if child == 0:
            asyncio.run(live(life))
            os._exit(0)
        if life["step"] == "any moment":
            time.sleep(random.uniform(0.0, life["within_s"]))  # noqa: S311  # no secret
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(json.dumps({"killed": os.WIFSIGNALED(status), "status": status}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
