import sys
from pathlib import Path

import pytest

from tieline.config.connection import credentials_of, endpoint_of, open_caller
from tieline.config.load import load_profile
from tieline.config.profile import Profile
from tieline.errors import ConfigInvalid
from tieline.http.credentials import ClientCredentials, Endpoint, SuppliedToken
from tieline.secret import Secret

CLIENT = {"TIELINE_CLIENT_ID": "me", "TIELINE_CLIENT_SECRET": "hunter2"}


def profile_of(tmp_path: Path, environ: dict[str, str], **overrides: object) -> Profile:
    return load_profile(
        overrides={"region": "eu-west-1", **overrides}, environ=environ, cwd=tmp_path
    )


def test_an_oauth_client_is_used_with_its_scopes(tmp_path: Path) -> None:
    profile = profile_of(tmp_path, CLIENT, scopes="a b")
    expected = ClientCredentials("me", Secret("hunter2"), ("a", "b"))
    assert credentials_of(profile) == expected
    assert endpoint_of(profile) == Endpoint(
        "platform", "https://api.mypurecloud.ie", "https://login.mypurecloud.ie"
    )


def test_a_token_command_beats_the_client_and_a_supplied_token_beats_both(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('printed')"]
    assert credentials_of(profile_of(tmp_path, CLIENT, token_command=command)) == SuppliedToken(
        Secret("printed")
    )
    supplied = {**CLIENT, "TIELINE_ACCESS_TOKEN": "given"}
    assert credentials_of(profile_of(tmp_path, supplied, token_command=command)) == SuppliedToken(
        Secret("given")
    )


@pytest.mark.parametrize(
    ("environ", "missing"), [({}, "client_id"), ({"TIELINE_CLIENT_ID": "me"}, "client_secret")]
)
def test_what_is_missing_is_named_when_it_is_needed(
    tmp_path: Path, environ: dict[str, str], missing: str
) -> None:
    with pytest.raises(ConfigInvalid, match=f"no {missing}") as caught:
        credentials_of(profile_of(tmp_path, environ))
    assert f"TIELINE_{missing.upper()}" in caught.value.hint


async def test_a_caller_opens_with_the_profile_s_limits(tmp_path: Path) -> None:
    caller = open_caller(profile_of(tmp_path, CLIENT, max_connections=7, timeout=9, retries=1))
    assert caller.origin == "https://api.mypurecloud.ie"
    await caller.aclose()
