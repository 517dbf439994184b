"""From a profile to a caller: where calls go, as whom, and within which limits."""

from tieline.clock import Clock
from tieline.config.profile import Profile
from tieline.config.token_command import run_token_command
from tieline.errors import ConfigInvalid
from tieline.http.aiohttp_transport import AiohttpTransport
from tieline.http.caller import Caller, CallOptions
from tieline.http.credentials import ClientCredentials, Credentials, Endpoint, SuppliedToken
from tieline.http.limiter import LimiterStore
from tieline.http.meter import Meter
from tieline.http.transport import Transport


def open_caller(
    profile: Profile,
    *,
    transport: Transport | None = None,
    clock: Clock | None = None,
    limiter: LimiterStore | None = None,
    meter: Meter | None = None,
) -> Caller:
    """A caller for the profile; what is left out is the real thing with the profile's limits.

    Raises:
        ConfigInvalid: as `credentials_of`.
    """
    return Caller(
        endpoint_of(profile),
        credentials_of(profile),
        transport=transport or transport_of(profile),
        clock=clock,
        limiter=limiter,
        meter=meter,
        token_folder=profile.state_dir / "tokens" if profile.token_cache else None,
        options=CallOptions(timeout=profile.timeout, retries=profile.retries),
    )


def transport_of(profile: Profile) -> AiohttpTransport:
    """Real sockets within the profile's limits."""
    return AiohttpTransport(
        timeouts=profile.timeouts,
        answer_limit_bytes=profile.max_answer_bytes,
        connections=profile.max_connections,
    )


def endpoint_of(profile: Profile) -> Endpoint:
    """The profile's dialect and addresses."""
    return Endpoint(dialect=profile.api, base_url=profile.base_url, login_url=profile.login_url)


def credentials_of(profile: Profile) -> Credentials:
    """A supplied token before a token command before an OAuth client. Blocks while a command runs.

    Raises:
        ConfigInvalid: the profile holds none of them, or the command gives no token.
    """
    if profile.access_token:
        return SuppliedToken(profile.access_token)
    if profile.token_command:
        return SuppliedToken(run_token_command(profile.token_command))
    if profile.client_id and profile.client_secret:
        return ClientCredentials(profile.client_id, profile.client_secret, profile.scopes)
    missing = "client_secret" if profile.client_id else "client_id"
    raise ConfigInvalid(
        f"profile {profile.name!r} has no {missing}",
        hint=f"set TIELINE_{missing.upper()}, or put it into .env beside tieline.toml",
    )
