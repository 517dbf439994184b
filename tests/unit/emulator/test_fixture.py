"""Fixture files: what they hold, how they are laid over the default, what is said of bad ones."""

import json
from pathlib import Path
from typing import Any

import pytest

from tieline.emulator.app import create_app
from tieline.emulator.fixture import check, default_fixture, load_fixture, whole
from tieline.errors import ConfigInvalid, InvalidInput


def test_the_default_fixture_is_a_fixture_and_dumps_as_itself() -> None:
    default = default_fixture()
    check(default)
    app = create_app()

    dumped = app.dump_state()

    check(dumped)
    assert {name: dumped[name] for name in ("users", "flows", "actions", "queues")} == {
        name: default[name] for name in ("users", "flows", "actions", "queues")
    }


def test_an_entry_is_added_and_a_known_id_replaced() -> None:
    flow = default_fixture()["flows"][0]

    state = whole({"flows": [{**flow, "name": "Renamed"}, {**flow, "id": "another"}]})

    assert [each["name"] for each in state["flows"]] == ["Renamed", "Callback Triage"]
    assert state["queues"] == default_fixture()["queues"]


def test_limits_are_laid_over_key_by_key() -> None:
    state = whole({"limits": {"platform.api": {"token.rate.per.minute": 5}}})

    assert state["limits"]["platform.api"]["token.rate.per.minute"] == 5
    assert state["limits"]["platform.api"]["org.user.rate.per.minute"] == 3000


def test_a_fixture_that_extends_nothing_stands_for_itself() -> None:
    app = create_app({"extends": None, "clients": [{"id": "me", "secret": "s"}]})

    assert [client["id"] for client in app.dump_state()["clients"]] == ["me"]
    assert app.dump_state()["flows"] == []


def test_a_fixture_is_read_from_yaml_and_json(tmp_path: Path) -> None:
    yaml, plain = tmp_path / "f.yaml", tmp_path / "f.json"
    yaml.write_text("users:\n  - {id: u1, name: Una}\n")
    plain.write_text('{"users": [{"id": "u1", "name": "Una"}]}')

    assert load_fixture(yaml) == load_fixture(plain)
    assert create_app(str(yaml)).world.people.users.find("u1") is not None


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("f.yaml", "users: [", "line 1"),
        ("f.json", '{"users": 1,\n"users": 2}', "line 2"),
        ("f.json", '{"users": [{"name": "no id"}]}', "users"),
        ("f.json", '{"flow": []}', "flow"),
        ("f.yaml", "just text", "fixture"),
        ("f.json", '{"handlers": {"custom_x": "file:///etc/passwd"}}', "handlers"),
    ],
)
def test_a_file_that_is_no_fixture_is_named_with_the_place(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    path = tmp_path / name
    path.write_text(text)

    with pytest.raises(ConfigInvalid, match=said) as caught:
        load_fixture(path)

    assert name in caught.value.message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match=r"nothing\.yaml"):
        load_fixture(tmp_path / "nothing.yaml")


def test_a_setting_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(InvalidInput, match="enforce_limits") as caught:
        create_app({"settings": {"enforce_limits": True}})

    assert "enforce_rate_limits" in caught.value.hint


@pytest.mark.parametrize(
    "setting",
    [
        {"enforce_rate_limits": "yes"},
        {"enforce_rate_limits": 1},
        {"wrong_secret_status": "400"},
        {"wrong_secret_status": 200},
        {"decision_table_job_seconds": -1},
        {"decision_table_job_seconds": "soon"},
        {"decision_table_job_seconds": True},
        {"flow_visible_after_seconds": 1e300},
    ],
)
def test_a_setting_takes_values_of_its_kind_only(setting: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match=next(iter(setting))):
        create_app({"settings": setting})


def test_a_document_that_is_kept_by_the_caller_is_not_changed() -> None:
    document: dict[str, Any] = {"users": [{"id": "u1", "name": "Una"}]}
    before = json.dumps(document)

    app = create_app(document)
    app.world.people.users.get("u1")["name"] = "Another"
    app.reset()

    assert json.dumps(document) == before
    assert app.world.people.users.get("u1")["name"] == "Una"
