"""Events that must not get lost between a change and the telling of it.

`enqueue` writes an event into the database of the change, in its transaction: both become true at
once. `WebhookStore` moves events on into one line for each endpoint and keeps what became of them.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import orjson

from tieline.calls.event import Event, wants
from tieline.errors import InvalidInput, StoreUnavailable
from tieline.secret import Secret

State = Literal["pending", "delivered", "dead"]

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Who is told. `events` are patterns; `networks` and `plain_http` widen what may be called.

    `next_at` is wall seconds; `gone` endpoints said 410 and are told nothing more.
    """

    name: str
    url: str
    events: tuple[str, ...]
    secrets: tuple[Secret, ...]
    api_key: Secret | None = None
    networks: tuple[str, ...] = ()
    plain_http: bool = False
    failures: int = 0
    next_at: float = 0.0
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one endpoint."""

    id: int
    event_id: str
    type: str
    payload: bytes
    at: float
    attempts: int


def create_outbox(connection: sqlite3.Connection) -> None:
    """Make the table `outbox` in a database whose changes are to be told."""
    connection.execute(_sql()["create_outbox"])


def enqueue(connection: sqlite3.Connection, event: Event) -> None:
    """Write an event within the caller's transaction; it is told only if that commits.

    The database needs the table of `create_outbox`.
    """
    payload = orjson.dumps(event.payload)
    connection.execute(_sql()["enqueue"], (event.id, event.type, payload, event.at))


class WebhookStore:
    """Endpoints and deliveries in one file, readable by its owner only. One thread at a time."""

    def __init__(self, path: Path) -> None:
        """Open or make the file.

        Raises:
            StoreUnavailable: it cannot be used.
        """
        self._path = path
        with self._using():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
            # Opened where a client is made, used on the thread that runs its loop.
            self._db = sqlite3.connect(
                path, isolation_level=None, timeout=10.0, check_same_thread=False
            )
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("PRAGMA foreign_keys = ON")
            self._db.execute(_sql()["create_outbox"])
            self._db.executescript(_sql()["create"])

    def put_endpoint(self, endpoint: Endpoint) -> None:
        """Add an endpoint, or replace the one of that name; its circuit closes."""
        with self._using():
            self._db.execute(_sql()["put_endpoint"], _endpoint_row(endpoint))

    def endpoints(self) -> list[Endpoint]:
        """All of them, by name."""
        with self._using():
            return [_endpoint(row) for row in self._db.execute(_sql()["endpoints"])]

    def endpoint(self, name: str) -> Endpoint:
        """One of them.

        Raises:
            InvalidInput: there is none of that name.
        """
        found = [endpoint for endpoint in self.endpoints() if endpoint.name == name]
        if not found:
            raise InvalidInput(f"there is no webhook {name!r}", hint="see `tieline webhooks list`")
        return found[0]

    def remove_endpoint(self, name: str) -> None:
        """Forget an endpoint and what waits for it."""
        self.endpoint(name)
        with self._using():
            self._db.execute(_sql()["remove_endpoint"], (name,))

    def add(self, event: Event) -> None:
        """Put an event into the store's own outbox; durable when this returns."""
        with self._using():
            enqueue(self._db, event)

    def fan_out(self, source: sqlite3.Connection | None = None) -> int:
        """Move events from an outbox, by default the store's own, to the endpoints that want them.

        Returns how many events were moved. A crash on the way repeats the move, not the delivery.
        """
        source = source or self._db
        moved = 0
        with self._using():
            while rows := source.execute(_sql()["waiting"], (_BATCH,)).fetchall():
                self._spread(rows)
                with _transaction(source):
                    source.execute(_sql()["taken"], (rows[-1][0],))
                moved += len(rows)
        return moved

    def claim(self, name: str, *, now: float, until: float) -> bool:
        """Take an endpoint's line for this process; False while it is claimed or not yet due."""
        with self._using():
            row = (until, name, now, now)
            return self._db.execute(_sql()["claim_endpoint"], row).rowcount == 1

    def release(self, name: str, *, failures: int, next_at: float, gone: bool) -> None:
        """Give the line back, with the state of its circuit."""
        with self._using():
            row = (failures, next_at, gone, name)
            self._db.execute(_sql()["release_endpoint"], row)

    def oldest(self, name: str) -> Delivery | None:
        """What the endpoint is to be told next."""
        with self._using():
            row = self._db.execute(_sql()["oldest"], (name,)).fetchone()
        return None if row is None else Delivery(*row)

    def settle(self, delivery: Delivery, state: State, *, error: str | None = None) -> None:
        """Note one attempt and what it came to; `pending` keeps its place in the line."""
        with self._using():
            self._db.execute(_sql()["settle"], (state, error, delivery.id))

    def next_due(self) -> float | None:
        """Wall seconds of the next attempt; None where nothing waits."""
        with self._using():
            (due,) = self._db.execute(_sql()["next_due"]).fetchone()
        return None if due is None else float(due)

    def deliveries(
        self, *, endpoint: str | None = None, state: State | None = None, limit: int = 100
    ) -> list[Mapping[str, Any]]:
        """What was and is to be delivered, the newest first."""
        names = ("id", "endpoint", "event_id", "type", "at", "state", "attempts", "error")
        with self._using():
            rows = self._db.execute(_sql()["deliveries"], (endpoint, state, limit)).fetchall()
        return [dict(zip(names, row, strict=True)) for row in rows]

    def counts(self) -> dict[str, int]:
        """How many deliveries are in each state that occurs."""
        with self._using():
            return dict(self._db.execute(_sql()["counts"]).fetchall())

    def revive(self, *, now: float, id: int | None = None, endpoint: str | None = None) -> int:  # noqa: A002  # the table's word
        """Give dead letters another day, in their old order and under their old ids."""
        with self._using():
            return self._db.execute(_sql()["revive"], (now, id, endpoint)).rowcount

    def forget_delivered(self, *, before: float) -> int:
        """Drop what was delivered long ago."""
        with self._using():
            return self._db.execute(_sql()["forget_delivered"], (before,)).rowcount

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _spread(self, rows: Sequence[tuple[Any, ...]]) -> None:
        endpoints = self.endpoints()
        with _transaction(self._db):
            for _, event_id, event_type, payload, at in rows:
                for endpoint in endpoints:
                    if not endpoint.gone and wants(endpoint.events, event_type):
                        row = (endpoint.name, event_id, event_type, payload, at)
                        self._db.execute(_sql()["fan_out"], row)

    @contextmanager
    def _using(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as exc:
            raise StoreUnavailable(f"{self._path} cannot be used: {exc}") from exc


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _endpoint_row(endpoint: Endpoint) -> tuple[Any, ...]:
    return (
        endpoint.name,
        endpoint.url,
        orjson.dumps(endpoint.events).decode(),
        orjson.dumps([secret.reveal() for secret in endpoint.secrets]).decode(),
        endpoint.api_key.reveal() if endpoint.api_key else None,
        orjson.dumps(endpoint.networks).decode(),
        endpoint.plain_http,
    )


def _endpoint(row: Sequence[Any]) -> Endpoint:
    name, url, events, secrets, api_key, networks, plain_http, failures, next_at, gone = row
    return Endpoint(
        name=name,
        url=url,
        events=tuple(orjson.loads(events)),
        secrets=tuple(map(Secret, orjson.loads(secrets))),
        api_key=None if api_key is None else Secret(api_key),
        networks=tuple(orjson.loads(networks)),
        plain_http=bool(plain_http),
        failures=failures,
        next_at=next_at,
        gone=bool(gone),
    )


@cache
def _sql() -> Mapping[str, str]:
    text = files("tieline.store").joinpath("outbox.sql").read_text("utf-8")
    parts = [part.partition("\n") for part in text.split("-- name: ")[1:]]
    return {name.strip(): sql.strip() for name, _, sql in parts}
