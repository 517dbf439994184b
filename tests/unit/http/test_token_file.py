import json
from pathlib import Path

import pytest

from tieline.clock import JumpingClock
from tieline.errors import DeadlineExceeded
from tieline.http.credentials import ClientCredentials, Endpoint
from tieline.http.file_lock import try_lock
from tieline.http.token_file import TokenFile, secret_proof, token_path
from tieline.http.token_requests import Grant
from tieline.secret import Secret

GRANT = Grant(Secret("t1"), 3600.0, frozenset({"a", "b"}))


def test_a_grant_is_read_with_what_is_left_of_its_life(tmp_path: Path) -> None:
    clock = JumpingClock()
    file = TokenFile(tmp_path / "t.json", clock)
    file.write(GRANT)
    clock.advance(600)

    found = file.read()
    assert found == Grant(Secret("t1"), 3600.0, frozenset({"a", "b"}), age=600.0)
    assert found.fresh_for == 2970.0


def test_a_grant_that_expires_within_30_s_is_none(tmp_path: Path) -> None:
    clock = JumpingClock()
    file = TokenFile(tmp_path / "t.json", clock)
    file.write(GRANT)
    clock.advance(3569)
    assert file.read() is not None
    clock.advance(1)

    assert file.read() is None


def test_a_grant_of_less_than_a_minute_is_kept_for_half_its_life() -> None:
    assert Grant(Secret("t"), 20.0, None).fresh_for == 10.0


def test_a_grant_that_another_secret_fetched_is_none(tmp_path: Path) -> None:
    proofs = [secret_proof(ClientCredentials("c", Secret(secret))) for secret in ("one", "other")]
    files = [TokenFile(tmp_path / "t.json", JumpingClock(), proof=proof) for proof in proofs]
    files[0].write(GRANT)

    assert files[0].read() == GRANT
    assert files[1].read() is None
    assert "one" not in (tmp_path / "t.json").read_text()


def test_a_grant_from_the_future_is_not_believed(tmp_path: Path) -> None:
    clock = JumpingClock()
    file = TokenFile(tmp_path / "t.json", clock)
    file.write(GRANT)
    clock.set_wall(clock.wall() - 86_400)

    assert file.read() is None


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}",
     '{"access_token":1,"lifetime":9,"obtained_at":1,"scopes":null,"proof":""}',
     '{"access_token":"t","lifetime":"x","obtained_at":1,"scopes":null,"proof":""}'],
)  # fmt: skip
def test_a_damaged_file_is_as_none_and_can_be_replaced(tmp_path: Path, content: str) -> None:
    path = tmp_path / "t.json"
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    file = TokenFile(path, JumpingClock())

    assert file.read() is None
    file.write(GRANT)
    assert file.read() == GRANT


async def test_a_folder_that_cannot_be_written_only_turns_the_sharing_off(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    file = TokenFile(tmp_path / "file" / "t.json", JumpingClock())

    async with file.alone(within=5.0):
        file.write(GRANT)

    assert file.read() is None
    assert "cannot be locked" in caplog.text
    assert "t1" not in caplog.text


async def test_a_lock_that_somebody_keeps_ends_with_the_deadline(tmp_path: Path) -> None:
    clock = JumpingClock()
    lock = try_lock(tmp_path / "t.lock")
    assert lock is not None
    assert try_lock(tmp_path / "t.lock") is None
    file = TokenFile(tmp_path / "t.json", clock)

    with pytest.raises(DeadlineExceeded):
        async with file.alone(within=5.0):
            raise AssertionError("two hold the lock")
    lock.release()

    assert clock.monotonic() == pytest.approx(5.0, abs=0.1)
    async with file.alone(within=5.0):
        pass


def test_each_client_organisation_dialect_and_set_of_scopes_has_its_own_file(
    tmp_path: Path,
) -> None:
    secret = Secret("hush")
    places = [
        (Endpoint("platform", "https://a", "https://l"), ClientCredentials("c", secret)),
        (Endpoint("guide", "https://a", "https://l"), ClientCredentials("c", secret)),
        (Endpoint("platform", "https://a", "https://m"), ClientCredentials("c", secret)),
        (Endpoint("platform", "https://a", "https://l"), ClientCredentials("d", secret)),
        (Endpoint("platform", "https://a", "https://l"), ClientCredentials("c", secret, ("s",))),
    ]

    names = {token_path(tmp_path, *place).name for place in places}

    assert len(names) == len(places)
    assert not any("hush" in json.dumps(name) for name in names)
