from pathlib import Path

import pytest

from tieline.config.load import gather, load_profile, load_state_dir
from tieline.errors import ConfigInvalid

TOML = """\
default_profile = "production"

[profiles.production]
region = "eu-west-1"
client_id = "from-file"
retries = 5

[profiles.production.timeouts]
connect = 2.5

[profiles.sandbox]
api = "guide"
base_url = "http://127.0.0.1:8089/"
client_id = "sandbox"
scopes = ["customcode:execute", "customcode:view"]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "tieline.toml").write_text(TOML)
    return tmp_path


def test_a_profile_is_read_whole_from_the_nearest_file_upwards(project: Path) -> None:
    deep = project / "a" / "b"
    deep.mkdir(parents=True)
    profile = load_profile(environ={}, cwd=deep)
    assert profile.name == "production"
    assert profile.base_url == "https://api.mypurecloud.ie"
    assert profile.login_url == "https://login.mypurecloud.ie"
    assert profile.region == "mypurecloud.ie"
    assert (profile.client_id, profile.retries) == ("from-file", 5)
    assert (profile.timeouts.connect, profile.timeouts.read) == (2.5, 65.0)
    assert profile.state_dir == project / ".tieline"


def test_precedence_is_argument_environment_dotenv_file(project: Path) -> None:
    def client_id(**places: dict[str, str]) -> tuple[str | None, str]:
        profile = load_profile(
            overrides=places.get("argument"), environ=places.get("environment", {}), cwd=project
        )
        return profile.client_id, profile.sources["client_id"]

    assert client_id() == ("from-file", f"{project}/tieline.toml:5: client_id")
    (project / ".env").write_text("TIELINE_CLIENT_ID=from-dotenv\n")
    assert client_id() == ("from-dotenv", f"{project}/.env TIELINE_CLIENT_ID")
    environment = {"GENESYS_CLIENT_ID": "from-environment"}
    assert client_id(environment=environment) == (
        "from-environment",
        "environment GENESYS_CLIENT_ID",
    )
    argument = {"client_id": "from-argument"}
    assert client_id(argument=argument, environment=environment) == (
        "from-argument",
        "argument client_id",
    )


def test_an_empty_variable_counts_as_not_set(project: Path) -> None:
    profile = load_profile(environ={"TIELINE_CLIENT_ID": ""}, cwd=project)
    assert profile.client_id == "from-file"


@pytest.mark.parametrize(
    "name",
    ["TIELINE_REGION", "GENESYS_CLOUD_REGION", "GENESYS_ENVIRONMENT", "GENESYSCLOUD_REGION"],
)
def test_every_name_people_have_for_the_region_works(tmp_path: Path, name: str) -> None:
    profile = load_profile(environ={name: "us_west_2"}, cwd=tmp_path)
    assert profile.base_url == "https://api.usw2.pure.cloud"


@pytest.mark.parametrize(
    ("identifier", "secret"),
    [
        ("TIELINE_CLIENT_ID", "TIELINE_CLIENT_SECRET"),
        ("GENESYS_CLOUD_CLIENT_ID", "GENESYS_CLOUD_CLIENT_SECRET"),
        ("GENESYS_CLIENT_ID", "GENESYS_CLIENT_SECRET"),
        ("GENESYSCLOUD_OAUTHCLIENT_ID", "GENESYSCLOUD_OAUTHCLIENT_SECRET"),
    ],
)
def test_every_name_people_have_for_the_credentials_works(
    tmp_path: Path, identifier: str, secret: str
) -> None:
    environ = {"TIELINE_REGION": "us-east-1", identifier: "me", secret: "hunter2"}
    profile = load_profile(environ=environ, cwd=tmp_path)
    assert profile.client_secret is not None
    assert (profile.client_id, profile.client_secret.reveal()) == ("me", "hunter2")


def test_a_secret_shows_nowhere(tmp_path: Path) -> None:
    environ = {"TIELINE_REGION": "us-east-1", "TIELINE_CLIENT_SECRET": "hunter2"}
    profile = load_profile(environ=environ, cwd=tmp_path)
    assert "hunter2" not in repr(profile)
    assert "hunter2" not in str(profile.sources)
    assert "hunter2" not in repr(gather(environ=environ, cwd=tmp_path))


def test_a_stronger_region_beats_a_weaker_base_url_and_an_equal_one_loses(project: Path) -> None:
    both = {"TIELINE_REGION": "us-east-1", "GENESYS_BASE_URL": "https://proxy.example"}
    region = {"TIELINE_REGION": "us-east-1", "TIELINE_PROFILE": "sandbox"}
    assert load_profile(environ=both, cwd=project).base_url == "https://proxy.example"
    assert load_profile(environ=region, cwd=project).base_url == "https://api.mypurecloud.com"


def test_the_profile_is_chosen_by_argument_then_variable_then_default(project: Path) -> None:
    environ = {"TIELINE_PROFILE": "sandbox"}
    assert load_profile(environ={}, cwd=project).name == "production"
    assert load_profile(environ=environ, cwd=project).name == "sandbox"
    assert load_profile("production", environ=environ, cwd=project).name == "production"


def test_the_guide_dialect_on_a_local_address(project: Path) -> None:
    profile = load_profile("sandbox", environ={}, cwd=project)
    assert (profile.api, profile.base_url) == ("guide", "http://127.0.0.1:8089")
    assert profile.login_url == "http://127.0.0.1:8089"
    assert profile.scopes == ("customcode:execute", "customcode:view")


def test_the_state_directory_needs_no_region(tmp_path: Path) -> None:
    assert load_state_dir(environ={"TIELINE_STATE_DIR": "s"}, cwd=tmp_path) == tmp_path / "s"
    assert load_state_dir(environ={}, cwd=tmp_path).is_absolute()


Refused = tuple[str, str | None, dict[str, str], str | None, str, str]
REFUSED: list[Refused] = [
    ("no region", None, {}, None, "neither a region nor a base_url", "tieline init"),
    ("bad region", None, {"TIELINE_REGION": "eu-vest-1"}, None, "eu-vest-1", "eu-west-1"),
    ("bad api", None, {"TIELINE_API": "rest"}, TOML, "TIELINE_API: expected one of", ""),
    ("unknown profile", "prod", {}, TOML, "no profile 'prod'", "production"),
    ("profile without a file", "prod", {}, None, "no tieline.toml", "tieline init"),
    ("not TOML", None, {}, "a = = 1", "(at line 1, column 5)", "TOML"),
    ("unknown field", None, {}, "[profiles.a]\n\nregoin = 'x'", ":3: regoin", "region"),
    ("unknown table", None, {}, "[profile.a]\n", ":1: profile", "profiles"),
    ("unknown timeout", None, {}, "[profiles.a.timeouts]\nred = 1", ":2: red", "timeouts.read"),
    ("not a table", None, {}, "[profiles]\na = 1", ":2: a: expected a table", ""),
    ("wrong type", None, {}, "[profiles.a]\nregion = 7", ":2: region: expected a text", ""),
    ("a negative wait", None, {}, "[profiles.a.timeouts]\nread = -1", ":2: read: expected", ""),
    ("a switch", None, {}, "[profiles.a]\ntoken_cache = 'si'", "expected true or false", ""),
    ("a count", None, {}, "[profiles.a]\nretries = -1", "a whole number", ""),
    ("a list", None, {}, "[profiles.a]\nscopes = [1]", "a list of texts", ""),
    ("a command", None, {}, '[profiles.a]\ntoken_command = "x \'y"', "balanced quotes", ""),
]


@pytest.mark.parametrize("case", REFUSED, ids=[case[0] for case in REFUSED])
def test_what_is_wrong_is_refused_with_its_place_and_a_hint(tmp_path: Path, case: Refused) -> None:
    _, name, environ, toml, message, hint = case
    if toml is not None:
        (tmp_path / "tieline.toml").write_text(toml)
    with pytest.raises(ConfigInvalid) as caught:
        load_profile(name, environ=environ, cwd=tmp_path)
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize("name", ["tieline.toml", ".env"])
def test_a_file_that_is_no_text_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"TIELINE_REGION=\xff\xfe")
    with pytest.raises(ConfigInvalid, match=name):
        load_profile(environ={}, cwd=tmp_path)


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "tieline.toml").write_bytes(b"\xef\xbb\xbf" + TOML.encode())
    assert load_profile(environ={}, cwd=tmp_path).name == "production"


def test_an_unknown_override_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="argument regoin"):
        load_profile(overrides={"regoin": "x"}, environ={}, cwd=tmp_path)
