"""kill -9 at every step and at any moment: nothing is lost, nothing is launched twice.

The judge is the emulator: what it launched, against what the ledger says.
"""

import http.client
import json
import random
import subprocess
import sys
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tieline.emulator.app import Emulator, create_app
from tieline.emulator.server import Address, running
from tieline.runs.item import NewItem
from tieline.runs.run import RunSpec
from tieline.store.ledger import loading, reading
from tieline.store.ledger.database import Database
from tieline.store.ledger.postgres_database import PostgresDatabase
from tieline.store.ledger.sqlite_database import SqliteDatabase

FLOW = "3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11"
STEPS = ("before commit", "after commit", "before write", "after write", "after answer")
ANY_MOMENT = "any moment"
ITEMS, SLOTS = 40, 8
# More lives than any run of this size has needed; a run that gets nowhere fails, and soon.
MOST_LIVES = 200
UNLIMITED = 1_000_000_000
FIXTURE = {
    "limits": {
        "platform.api": {
            "client.credentials.token.rate.per.minute": UNLIMITED,
            "org.client.rate.per.minute": UNLIMITED,
        }
    }
}

Spawn = Callable[[dict[str, Any]], bool]
"""Let a process live and die as described; True where it was killed."""


@dataclass(frozen=True)
class Place:
    """A ledger, and how a child opens it."""

    database: Database
    life: dict[str, Any]


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    life: dict[str, Any]
    database: Database
    if request.param == "sqlite":
        path = tmp_path / "ledger.db"
        database, life = SqliteDatabase(path), {"store": "sqlite", "where": str(path)}
    else:
        server, schema = request.getfixturevalue("postgres"), f"t{uuid4().hex}"
        database = PostgresDatabase(server.url, schema=schema)
        life = {"store": "postgres", "where": server.url, "schema": schema}
    yield Place(database, life)
    database.close()


@pytest.fixture(scope="module")
def emulator() -> Iterator[tuple[Emulator, dict[str, Any]]]:
    with running(create_app(FIXTURE)) as (app, address):
        port = urllib.parse.urlsplit(address.url).port
        yield app, {"port": port, "token": token_of(address), "flow": FLOW}


@contextmanager
def lives() -> Iterator[Spawn]:
    child = [sys.executable, str(Path(__file__).with_name("crash_child.py"))]
    with subprocess.Popen(
        child, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        given, told = process.stdin, process.stdout

        def spawn(life: dict[str, Any]) -> bool:
            given.write(json.dumps(life) + "\n")
            given.flush()
            ended = json.loads(told.readline())
            assert ended["killed"] or ended["status"] == 0, "a child failed instead of dying"
            return bool(ended["killed"])

        yield spawn
        given.close()


def token_of(address: Address) -> str:
    fields = {
        "grant_type": "client_credentials",
        "client_id": address.client_id,
        "client_secret": address.client_secret,
    }
    host = urllib.parse.urlsplit(address.url).netloc
    connection = http.client.HTTPConnection(host)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/oauth/token", urllib.parse.urlencode(fields), form)
    with connection.getresponse() as answer:
        token = json.load(answer)["access_token"]
    connection.close()
    return str(token)


def campaign(
    place: Place, emulator: tuple[Emulator, dict[str, Any]], *, kills: int, chance: random.Random
) -> None:
    """Runs one after the other until this many processes were killed."""
    app, target = emulator
    killed = 0
    with lives() as spawn:
        while killed < kills:
            run_id = f"run-{uuid4().hex[:8]}"
            load(place.database, run_id)
            deaths = one_run(spawn, {**place.life, **target, "run": run_id}, chance)
            judge(app, place.database, run_id, deaths=deaths)
            killed += deaths
            app.reset()
            target["token"] = app_token(app, target)


def app_token(app: Emulator, target: dict[str, Any]) -> str:
    client = next(iter(app.world.oauth.clients.values()))
    return token_of(Address(f"http://127.0.0.1:{target['port']}", client.id, client.secret))


def load(database: Database, run_id: str) -> None:
    spec = RunSpec(kind="flow", target_id=FLOW, name="crash")
    items = (
        NewItem(line=n, text=json.dumps({"Flow.customerId": f"{run_id}/{n}"}))
        for n in range(1, ITEMS + 1)
    )
    loading.load(database, loading.Loading(run_id, spec, lambda: None, chunk_items=17), items)


def one_run(spawn: Spawn, life: dict[str, Any], chance: random.Random) -> int:
    """Kill process after process until one lives to the end of the run; returns how many died."""
    for death in range(MOST_LIVES):
        step = chance.choice([*STEPS, ANY_MOMENT])
        often = {"step": step, "times": chance.randint(1, 6), "within_s": 0.1, "slots": SLOTS}
        if not spawn({**life, **often}):
            return death
    raise AssertionError(f"the run was not over after {MOST_LIVES} lives")


def judge(app: Emulator, database: Database, run_id: str, *, deaths: int) -> None:
    stored = reading.find(database, run_id)
    items = reading.page(database, stored, after=0, limit=ITEMS + 1)
    launched = Counter(execution["name"] for execution in app.world.flows.executions)
    by_state = Counter(item.state for item in items)

    assert stored.run.state == "done"
    # Nothing at all is launched where every life ended before its first write.
    assert max(launched.values(), default=0) <= 1, "launched twice"
    assert set(by_state) <= {"done", "uncertain"}, "an item was lost on the way"
    assert all(item.reference in launched for item in items if item.state == "done")
    assert by_state["uncertain"] <= deaths * SLOTS
    counts = stored.run.counts
    assert (counts.done, counts.uncertain) == (by_state["done"], by_state["uncertain"])
    assert counts.total == len(items) == ITEMS
    assert counts.open == 0
    assert not [entry for entry in app.journal.since(0) if entry.duplicate_of is not None]


def test_fifty_kills_lose_nothing_and_launch_nothing_twice(
    place: Place, emulator: tuple[Emulator, dict[str, Any]]
) -> None:
    campaign(place, emulator, kills=50, chance=random.Random(20260131))  # noqa: S311  # no secret


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_thousands_of_kills_lose_nothing_and_launch_nothing_twice(
    place: Place, emulator: tuple[Emulator, dict[str, Any]]
) -> None:
    campaign(place, emulator, kills=2_500, chance=random.Random())  # noqa: S311  # no secret
