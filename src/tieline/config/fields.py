"""Every field of a profile: how it is read, which environment names set it, what it is for."""

from dataclasses import dataclass

from tieline.config import setting
from tieline.config.setting import Reader


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `environment` lists the names that set it, the first one set wins."""

    name: str  # dotted where it is in a sub-table: `timeouts.connect`
    read: Reader
    help: str
    environment: tuple[str, ...] = ()
    secret: bool = False


# Names of a field: ours, then the official command line's, the guides', the provider's.
FIELDS = (
    Field(
        "api",
        setting.one_of(("platform", "guide")),
        "platform: the real platform's endpoints; guide: the endpoints of the five guides",
        ("TIELINE_API",),
    ),
    Field(
        "region",
        setting.text,
        "region, as an AWS name (eu-west-1) or a domain (mypurecloud.ie)",
        ("TIELINE_REGION", "GENESYS_CLOUD_REGION", "GENESYS_ENVIRONMENT", "GENESYSCLOUD_REGION"),
    ),
    Field(
        "base_url",
        setting.text,
        "API address instead of a region: an emulator, a proxy",
        ("TIELINE_BASE_URL", "GENESYS_BASE_URL"),
    ),
    Field("login_url", setting.text, "address of the token call; follows from region or base_url"),
    Field(
        "client_id",
        setting.text,
        "OAuth client (grant type client credentials)",
        (
            "TIELINE_CLIENT_ID",
            "GENESYS_CLOUD_CLIENT_ID",
            "GENESYS_CLIENT_ID",
            "GENESYSCLOUD_OAUTHCLIENT_ID",
        ),
    ),
    Field(
        "client_secret",
        setting.secret,
        "its secret; better in the environment, .env or a keyring than in this file",
        (
            "TIELINE_CLIENT_SECRET",
            "GENESYS_CLOUD_CLIENT_SECRET",
            "GENESYS_CLIENT_SECRET",
            "GENESYSCLOUD_OAUTHCLIENT_SECRET",
        ),
        secret=True,
    ),
    Field(
        "access_token",
        setting.secret,
        "a token from elsewhere, used as it is until it expires",
        ("TIELINE_ACCESS_TOKEN",),
        secret=True,
    ),
    Field(
        "token_command",
        setting.command,
        "a command that prints a token, run without a shell, at most 30 s",
    ),
    Field("keyring", setting.switch, "true: look for client_secret in the system's keyring"),
    Field("scopes", setting.words, "guide dialect: scopes asked for with the token"),
    Field(
        "state_dir",
        setting.text,
        "where ledgers, audit log and caches are kept; relative to this file",
        ("TIELINE_STATE_DIR",),
    ),
    Field(
        "audit",
        setting.one_of(("required", "best-effort")),
        "required: nothing is changed that cannot be recorded; best-effort: go on, and warn",
        ("TIELINE_AUDIT",),
    ),
    Field(
        "mask_names",
        setting.words,
        "key names to mask as personal, beside the built-in ones; in any spelling",
        ("TIELINE_MASK_NAMES",),
    ),
    Field(
        "plain_names",
        setting.words,
        "key names not to mask, though they are built in; card numbers and such still are",
        ("TIELINE_PLAIN_NAMES",),
    ),
    Field("token_cache", setting.switch, "true: share the token with other processes (0600 file)"),
    Field(
        "allow_http",
        setting.switch,
        "true: let base_url be http on other machines; the token then travels in clear",
    ),
    Field("timeout", setting.positive, "seconds for a call with all its waits and retries"),
    Field("timeouts.connect", setting.positive, "seconds to connect, TLS included"),
    Field("timeouts.write", setting.positive, "seconds to write a request"),
    Field("timeouts.read", setting.positive, "seconds without a byte of an answer"),
    Field("timeouts.pool", setting.positive, "seconds to wait for a free connection"),
    Field("retries", setting.count, "most repeats of one call that was not carried out"),
    Field("max_connections", setting.count, "most connections to the platform at once"),
    Field("max_answer_bytes", setting.count, "largest answer accepted, in bytes"),
)
FIELD_NAMES = tuple(field.name for field in FIELDS)

# Not a field of a profile: chooses one.
PROFILE_VARIABLE = "TIELINE_PROFILE"
