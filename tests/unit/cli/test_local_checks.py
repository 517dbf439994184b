import sqlite3
from contextlib import closing
from pathlib import Path

from tieline.cli.finding import Finding
from tieline.cli.local_checks import (
    configuration,
    region,
    sandbox,
    secrets_at_rest,
    state_directory,
    stores,
)
from tieline.config.load import Sources, assemble, gather
from tieline.config.profile import Profile

TOML = "[profiles.a]\nregion = 'eu-west-1'\nclient_id = 'me'\n"


def gathered(folder: Path, environ: dict[str, str] | None = None) -> tuple[Sources, Profile]:
    sources = gather(environ=environ or {}, cwd=folder)
    return sources, assemble(sources, sources.profile_name(None))


def test_the_file_and_the_profile_are_named(tmp_path: Path) -> None:
    (tmp_path / "tieline.toml").write_text(TOML)
    (found,) = configuration(*gathered(tmp_path))
    assert found == Finding("config", "ok", f"profile a of {tmp_path}/tieline.toml")


def test_names_that_disagree_are_a_warning_that_says_which_won(tmp_path: Path) -> None:
    environ = {"TIELINE_REGION": "us-east-1", "GENESYS_CLOUD_REGION": "eu-west-1"}
    _, clash = configuration(*gathered(tmp_path, environ))
    assert clash.level == "warning"
    assert "TIELINE_REGION wins" in clash.message
    assert clash.fix == "unset GENESYS_CLOUD_REGION"


def test_the_region_line_says_where_calls_go(tmp_path: Path) -> None:
    _, profile = gathered(tmp_path, {"TIELINE_REGION": "eu-west-1"})
    assert region(profile).message == (
        "mypurecloud.ie: https://api.mypurecloud.ie, platform dialect"
    )


def test_a_secret_in_the_committed_file_is_a_warning_without_the_secret(tmp_path: Path) -> None:
    (tmp_path / "tieline.toml").write_text(TOML + "client_secret = 'hunter2'\n")
    (found,) = secrets_at_rest(*gathered(tmp_path))
    assert found.level == "warning"
    assert "client_secret" in found.message
    assert "hunter2" not in str(found)


def test_a_dotenv_others_can_read_is_a_warning_and_a_private_one_is_not(tmp_path: Path) -> None:
    (tmp_path / "tieline.toml").write_text(TOML)
    dotenv = tmp_path / ".env"
    dotenv.write_text("TIELINE_CLIENT_SECRET=hunter2\n")
    dotenv.chmod(0o644)
    (found,) = secrets_at_rest(*gathered(tmp_path))
    assert found.fix == f"chmod 600 {dotenv}"
    dotenv.chmod(0o600)
    assert list(secrets_at_rest(*gathered(tmp_path))) == []


def test_a_state_directory_that_is_not_there_is_checked_where_it_would_be_made(
    tmp_path: Path,
) -> None:
    assert state_directory(tmp_path / "a" / "b").level in {"ok", "warning"}
    assert not (tmp_path / "a").exists()


def test_a_file_in_the_way_of_the_state_directory_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    found = state_directory(tmp_path / "state" / "deep")
    assert (found.level, found.check) == ("problem", "disk")


def test_an_empty_state_directory_is_fine(tmp_path: Path) -> None:
    (found,) = stores(tmp_path)
    assert (found.level, found.message) == ("ok", "nothing is stored yet")


def test_a_ledger_that_is_no_database_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_text("this was a spreadsheet once, and is long enough")
    (found,) = stores(tmp_path)
    assert (found.level, found.check) == ("problem", "store")


def test_a_ledger_is_counted_without_being_changed(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE runs (id INTEGER)")
        database.execute("INSERT INTO runs VALUES (1)")
        database.commit()
    before = path.read_bytes()
    (found,) = stores(tmp_path)
    assert found.message.endswith("holds 1 run")
    assert path.read_bytes() == before


def test_the_sandbox_line_names_every_tier() -> None:
    found = sandbox()
    assert all(tier in found.message for tier in ("process", "confined", "hardened"))
