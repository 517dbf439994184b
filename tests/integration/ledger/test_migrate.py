import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tieline.errors import ConfigInvalid, StoreUnavailable
from tieline.store.ledger.migrate import migrations
from tieline.store.ledger.postgres_database import PostgresDatabase
from tieline.store.ledger.sqlite_database import SqliteDatabase


def test_a_sqlite_ledger_of_a_newer_program_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    SqliteDatabase(path).close()
    raw = sqlite3.connect(path)
    raw.execute("PRAGMA user_version=99")
    raw.close()

    with pytest.raises(StoreUnavailable, match="has schema 99; this program knows") as refused:
        SqliteDatabase(path)

    assert "upgrade" in refused.value.hint


def test_a_postgres_ledger_of_a_newer_program_is_refused(postgres: Any) -> None:
    schema = f"t{uuid4().hex}"
    PostgresDatabase(postgres.url, schema=schema).close()
    options = f"-c search_path={schema}"
    with psycopg.connect(postgres.url, autocommit=True, options=options) as raw:
        raw.execute("UPDATE schema_version SET version = 99")

    with pytest.raises(StoreUnavailable, match="has schema 99"):
        PostgresDatabase(postgres.url, schema=schema)


def test_opening_twice_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    SqliteDatabase(path).close()
    before = path.read_bytes()

    SqliteDatabase(path).close()

    assert path.read_bytes() == before


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_migrations_are_numbered_without_gaps(engine: str) -> None:
    assert [step.version for step in migrations(engine)] == [1, 2]


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(b"this is a letter to the editor, not a database\n" * 50)

    with pytest.raises(StoreUnavailable, match=r"ledger\.db"):
        SqliteDatabase(path)

    assert path.read_bytes().startswith(b"this is a letter")


def test_the_ledger_is_read_by_its_owner_alone(tmp_path: Path) -> None:
    SqliteDatabase(tmp_path / "state" / "ledger.db").close()

    assert (tmp_path / "state" / "ledger.db").stat().st_mode & 0o077 == 0


def test_an_unreadable_url_is_refused_without_repeating_it() -> None:
    with pytest.raises(ConfigInvalid) as refused:
        PostgresDatabase("postgresql://u:hunter2@h:port/x?nonsense=1")

    assert "hunter2" not in str(refused.value)


def test_a_server_that_is_not_there_is_said_without_the_password(
    unused_port: Callable[[], int],
) -> None:
    url = f"postgresql://u:hunter2@127.0.0.1:{unused_port()}/x"

    with pytest.raises(StoreUnavailable) as refused:
        PostgresDatabase(url)

    assert "hunter2" not in str(refused.value)
    assert "127.0.0.1" in str(refused.value)
