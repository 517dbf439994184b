"""Which rate limits the items of a run need places in."""

from tieline.calls.limiter import DOCUMENTED_PER_MINUTE
from tieline.calls.operation import Request
from tieline.dialects.platform_catalogue import LIMITS_LIST
from tieline.errors import Error
from tieline.runs.run import RunStatus
from tieline.services.session import Session
from tieline.store.ledger.claims import Limit
from tieline.types import Json

_NAMESPACE = "platform.api"
_KEY = "client.credentials.token.rate.per.minute"
_READ_SECONDS = 10.0


async def limits_of(session: Session, run: RunStatus) -> tuple[Limit, ...]:
    """The limit of the OAuth client, shared by all its processes, and the run's own if it has one.

    On the platform the client's starts at what the organisation's limits say, or at the documented
    figure; elsewhere it is learned from the first 429.
    """
    assumed = None
    if session.dialect.name == "platform":
        assumed = await _organisation_limit(session) or DOCUMENTED_PER_MINUTE
    client = Limit(session.calls.limit_key, assumed=assumed)
    if run.spec.rate_per_minute is None:
        return (client,)
    return (client, Limit(f"run {run.run_id}", per_minute=run.spec.rate_per_minute))


async def _organisation_limit(session: Session) -> int | None:
    request = Request(LIMITS_LIST, path={"namespace": _NAMESPACE})
    try:
        answer = await session.calls.call(request, timeout=_READ_SECONDS)
    except Error:
        return None  # may not be readable for this client; then the documented figure holds
    return _value(answer.body)


def _value(body: Json) -> int | None:
    entities = body.get("entities") if isinstance(body, dict) else None
    for entity in entities if isinstance(entities, list) else []:
        if isinstance(entity, dict) and entity.get("key") == _KEY:
            value = entity.get("value")
            return value if isinstance(value, int) and value > 0 else None
    return None
