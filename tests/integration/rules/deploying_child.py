"""Lives of a process that deploys rules and is killed; forked from one that has all loaded.

Reads a JSON line a life on stdin, forks, lets the child deploy and die, and answers how it ended.
Nothing of the product is changed for it: the child wraps the journal and the calls, and dies at the
n-th time it comes to one of their edges.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from tieline.calls.operation import Answer, Request
from tieline.config.profile import Profile
from tieline.secret import Secret
from tieline.services.connection import open_session
from tieline.services.rules import AsyncRules
from tieline.services.session import Calls, Presigned
from tieline.store.deployments import FileJournal


class Death:
    """SIGKILL at the n-th edge; `seen` names the edges of a life that is to be lived out."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.seen: list[str] = []

    def near(self, edge: str) -> None:
        self.seen.append(edge)
        if len(self.seen) == self.left:
            os.kill(os.getpid(), signal.SIGKILL)


class MortalJournal:
    """Dies before an entry is written."""

    def __init__(self, path: Path, death: Death) -> None:
        self._inner = FileJournal(path)
        self._death = death

    def entries(self) -> list[dict[str, Any]]:
        return self._inner.entries()

    def append(self, entry: Mapping[str, Any]) -> None:
        self._death.near(" ".join(str(entry.get(key, "")) for key in ("event", "step", "phase")))
        self._inner.append(entry)

    @contextmanager
    def held(self) -> Iterator[None]:
        with self._inner.held():
            yield


class MortalCalls:
    """Dies when a change was carried out and nobody has written that down."""

    def __init__(self, inner: Calls, death: Death) -> None:
        self._inner = inner
        self._death = death
        self.limit_key = inner.limit_key

    async def call(self, request: Request, **more: Any) -> Answer:
        answer = await self._inner.call(request, **more)
        if request.operation.mutating:
            self._death.near(request.operation.name)
        return answer

    def with_options(self, **more: Any) -> "MortalCalls":
        return MortalCalls(self._inner.with_options(**more), self._death)

    async def aclose(self) -> None:
        await self._inner.aclose()


class MortalPresigned:
    """Dies when a file has arrived and nobody has written that down."""

    def __init__(self, inner: Presigned, death: Death) -> None:
        self._inner = inner
        self._death = death

    async def put(self, request: Request, **more: Any) -> Answer:
        answer = await self._inner.put(request, **more)
        self._death.near(request.operation.name)
        return answer

    async def get(self, request: Request, **more: Any) -> Answer:
        return await self._inner.get(request, **more)


async def live(life: dict[str, Any]) -> list[str]:
    death = Death(life["edge"])
    session = open_session(
        Profile(
            "test", life["api"], life["url"], life["url"], Path(life["state"]),
            client_id="tieline-demo", client_secret=Secret("tieline-demo-secret"),
        )
    )  # fmt: skip
    assert session.presigned is not None
    mortal = replace(
        session,
        calls=MortalCalls(session.calls, death),
        presigned=MortalPresigned(session.presigned, death),
    )
    rules = AsyncRules(mortal, open_journal=lambda path: MortalJournal(path, death))
    if life["action"] == "rollback":
        await rules.rollback(life["file"])
    else:
        planned = await rules.plan(life["file"], replace_table=life["replace_table"])
        await planned.apply()
    await session.aclose()
    return death.seen


def main() -> None:
    for line in sys.stdin:
        life = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writing, json.dumps(asyncio.run(live(life))).encode())
            os._exit(0)
        os.close(writing)
        _, status = os.waitpid(child, 0)
        seen = os.read(reading, 65_536).decode()
        os.close(reading)
        told = {
            "killed": os.WIFSIGNALED(status), "status": status, "edges": json.loads(seen or "[]"),
        }  # fmt: skip
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
