from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tieline.store.ledger.database import Database
from tieline.store.ledger.postgres_database import PostgresDatabase
from tieline.store.ledger.sqlite_database import SqliteDatabase


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    opened: Database
    if request.param == "sqlite":
        opened = SqliteDatabase(tmp_path / "ledger.db")
    else:
        server = request.getfixturevalue("postgres")
        opened = PostgresDatabase(server.url, schema=f"t{uuid4().hex}")
    yield opened
    opened.close()
