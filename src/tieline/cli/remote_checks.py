"""Doctor's checks that ask the platform: reachable, clock, credentials, permissions. All harmless.

Permissions cannot be listed for an OAuth client (platform.md 2.5): each area is probed by reading,
an execution that does not exist for one. A 404 then proves the permission, a 403 names the missing.
"""

from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from tieline.calls.operation import Request
from tieline.cli.finding import Finding
from tieline.clock import Clock
from tieline.config.connection import credentials_of, endpoint_of, transport_of
from tieline.config.profile import Profile
from tieline.dialects import guide_catalogue as guide
from tieline.dialects import platform_catalogue as platform
from tieline.errors import AuthenticationFailed, ConfigInvalid, Error, NotFound, PermissionDenied
from tieline.http.caller import Caller, CallOptions
from tieline.http.transport import Exchange, Outgoing, Transport, TransportFault
from tieline.types import DialectName

NOBODY = "00000000-0000-0000-0000-000000000000"
_SECONDS = 10.0
# Signed webhooks are accepted within 300 s; beyond that, ours are refused and we refuse others'.
_SKEW_PROBLEM_SECONDS = 300.0
_SKEW_WARNING_SECONDS = 30.0

PROBES: dict[DialectName, tuple[Request, ...]] = {
    "platform": (
        Request(platform.ACTIONS_LIST, query={"pageSize": 1}),
        Request(platform.FLOWS_SHOW, path={"id": NOBODY}),
        Request(platform.FLOWS_GET, path={"id": NOBODY}),
    ),
    "guide": (
        Request(guide.FUNCTIONS_GET, path={"id": NOBODY}),
        Request(guide.ACTIONS_LIST),
        Request(guide.FLOWS_SHOW, path={"id": NOBODY}),
        Request(guide.ROUTING_LIST, query={"queueId": NOBODY}),
    ),
}


async def remote_findings(profile: Profile, clock: Clock) -> AsyncIterator[Finding]:
    """Ask the platform; without a connection the rest is `unknown` and says so."""
    transport = transport_of(profile)
    try:
        reached = True
        for finding in await reachable(profile, transport, clock):
            reached = reached and finding.level != "problem"
            yield finding
        if not reached:
            for check in ("credentials", "permissions"):
                yield Finding(check, "unknown", "not asked: the platform cannot be reached")
            return
        for finding in await allowed(profile, transport, clock):
            yield finding
    finally:
        await transport.aclose()


async def reachable(profile: Profile, transport: Transport, clock: Clock) -> list[Finding]:
    """Connect, and compare the answer's Date header with this machine's clock."""
    parts = urlsplit(profile.base_url)
    outgoing = Outgoing(
        "GET", f"{parts.scheme}://{parts.netloc}", parts.path or "/", {}, None, None, _SECONDS
    )
    try:
        answer = await transport.send(outgoing, Exchange())
    except TransportFault as fault:
        return [
            Finding(
                "network",
                "problem",
                f"{profile.base_url} does not answer: {fault}",
                fix="check the region or base_url, the network, and HTTPS_PROXY",
            ),
            Finding("clock", "unknown", "not compared: the platform cannot be reached"),
        ]
    return [
        Finding("network", "ok", f"{profile.base_url} answers"),
        clock_skew(answer.headers.get("date"), clock.wall()),
    ]


def clock_skew(date: str | None, wall: float) -> Finding:
    """Compare a Date header with wall seconds; the header has whole seconds only."""
    try:
        theirs = parsedate_to_datetime(date or "").timestamp()
    except ValueError:
        return Finding("clock", "unknown", "the platform's answer has no usable Date header")
    skew = wall - theirs
    message = f"this machine is {abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}"
    if abs(skew) > _SKEW_PROBLEM_SECONDS:
        return Finding("clock", "problem", message, fix="switch time synchronisation (NTP) on")
    if abs(skew) > _SKEW_WARNING_SECONDS:
        return Finding("clock", "warning", message, fix="switch time synchronisation (NTP) on")
    return Finding("clock", "ok", f"within {_SKEW_WARNING_SECONDS:.0f} s of the platform's")


async def allowed(profile: Profile, transport: Transport, clock: Clock) -> list[Finding]:
    """Try a token, then read one harmless thing of every area."""
    try:
        caller = Caller(
            endpoint_of(profile),
            credentials_of(profile),
            transport=transport,
            clock=clock,
            options=CallOptions(timeout=_SECONDS, retries=0),
        )
    except ConfigInvalid as error:
        return [
            Finding("credentials", "problem", error.message, fix=error.hint),
            Finding("permissions", "unknown", "not asked: there are no credentials"),
        ]
    probes = PROBES[profile.api]
    token = await _token(caller, probes[0])
    if token.level != "ok":
        return [token, Finding("permissions", "unknown", "not asked: there is no token")]
    findings = [token]
    for request in probes:
        found = await _probe(caller, request)
        if found.check == "credentials":
            return [found, Finding("permissions", "unknown", "not asked: the token is refused")]
        findings.append(found)
    return findings


async def _token(caller: Caller, request: Request) -> Finding:
    try:
        await caller.tokens.authorization(request.operation, refused=None, within=_SECONDS)
    except PermissionDenied:  # a scope is missing; there is a token to miss it
        pass
    except Error as error:
        return Finding("credentials", "problem", error.message, fix=error.hint)
    return Finding("credentials", "ok", "a token was issued")


async def _probe(caller: Caller, request: Request) -> Finding:
    try:
        await caller.call(request)
    except Error as error:
        return _refused(request, error)
    return _allowed(request)


def _allowed(request: Request) -> Finding:
    return Finding("permissions", "ok", f"{request.operation.name}: allowed")


def _refused(request: Request, error: Error) -> Finding:
    operation = request.operation
    message = f"{operation.name}: {error.message.removeprefix(f'{operation.name}: ')}"
    if isinstance(error, PermissionDenied):
        needs = " ".join((*operation.permissions, *operation.scopes))
        return Finding("permissions", "warning", message, fix=f"grant {needs}")
    if isinstance(error, AuthenticationFailed):
        return Finding("credentials", "problem", message, fix=error.hint)
    # Nobody's id not found is proof; a listing that is not found is another kind of server.
    if isinstance(error, NotFound) and NOBODY in request.path.values():
        return _allowed(request)
    return Finding("permissions", "unknown", message, fix=error.hint)
