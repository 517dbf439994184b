"""From a profile to a session: the one place that knows how the parts are made."""

from collections.abc import Mapping

from tieline.calls.limiter import DOCUMENTED_PER_MINUTE
from tieline.clock import Clock, SystemClock
from tieline.config.connection import open_caller
from tieline.config.profile import Profile
from tieline.dialects.guide import GUIDE
from tieline.dialects.platform import PLATFORM
from tieline.dialects.port import Dialect
from tieline.http.limiter import LimiterStore, MemoryLimiterStore
from tieline.http.presigned import PresignedCalls
from tieline.http.transport import Transport
from tieline.observe.metrics import Metrics
from tieline.services.recording.accounted import AccountedCalls
from tieline.services.recording.announcing import announcer_of
from tieline.services.recording.trail import Actor, MaskingSink, Trail
from tieline.services.session import Session
from tieline.services.shared_limiter import SharedLimiter
from tieline.store.limiter import existing_limiter
from tieline.store.segments import SegmentLog
from tieline.types import DialectName

_DIALECTS: Mapping[DialectName, Dialect] = {"platform": PLATFORM, "guide": GUIDE}


def open_session(
    profile: Profile,
    *,
    transport: Transport | None = None,
    clock: Clock | None = None,
    limiter: LimiterStore | None = None,
    audit: MaskingSink | None = None,
) -> Session:
    """Make the session of a profile; files and connections are opened when they are needed.

    The keywords replace parts of the outside world. A given `audit` log is written to instead of
    the one in the profile's state directory.

    Raises:
        ConfigInvalid: the profile has no credentials.
    """
    clock = clock or SystemClock()
    metrics = Metrics()
    assumed = _assumed_limit(profile)
    shared = SharedLimiter(
        limiter or MemoryLimiterStore(clock, per_minute=assumed),
        find_shared=None
        if limiter
        else lambda: existing_limiter(profile.state_dir, clock, assumed=assumed),
    )
    caller = open_caller(profile, transport=transport, clock=clock, limiter=shared, meter=metrics)

    async def open_log() -> MaskingSink:
        return audit or await SegmentLog.open(
            profile.state_dir / "audit",
            clock=clock,
            personal=profile.mask_names,
            plain=profile.plain_names,
        )

    trail = Trail(
        open_log,
        Actor(profile.name, caller.tokens.identity),
        announce=announcer_of(profile.state_dir, clock),
        policy=profile.audit,
    )
    return Session(
        profile=profile,
        dialect=_DIALECTS[profile.api],
        calls=AccountedCalls(caller, trail),
        trail=trail,
        metrics=metrics,
        clock=clock,
        timeout=profile.timeout,
        limiter=shared,
        presigned=PresignedCalls(
            caller.transport, clock, plain_http=profile.base_url.startswith("http://")
        ),
    )


def _assumed_limit(profile: Profile) -> int | None:
    """Where to start on the platform itself; a server at a `base_url` has limits of its own."""
    on_the_platform = profile.api == "platform" and profile.region is not None
    return DOCUMENTED_PER_MINUTE if on_the_platform else None
