"""Webhooks as a page shows them: who is told, what waits, what was given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from tieline.dashboard.showing import counted, moment, visible
from tieline.store.outbox_reading import DeliveryStanding, EndpointStanding


@dataclass(frozen=True, slots=True)
class EndpointView:
    """One endpoint; `place` is its origin only: a path may hold a secret."""

    name: str
    key: str
    place: str
    events: str
    state: str
    tone: str
    told: str
    pending: str
    dead: str
    oldest: str


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One delivery in a list."""

    id: int
    event_id: str
    type: str
    at: str
    attempts: int
    error: str


def endpoint_view(one: EndpointStanding, *, now: float, most: int) -> EndpointView:
    """How an endpoint stands; `most` is how far its deliveries were counted."""
    state, tone, told = _state(one, now)
    oldest = one.oldest_pending_at
    return EndpointView(
        name=visible(one.name),
        key=one.name,
        place=_origin(one.url),
        events=visible(", ".join(one.events)),
        state=state,
        tone=tone,
        told=told,
        pending=counted(one.pending, most),
        dead=counted(one.dead, most),
        oldest=moment(oldest),
    )


def delivery_views(found: Sequence[DeliveryStanding]) -> list[DeliveryView]:
    """Deliveries as lines of a list."""
    return [
        DeliveryView(
            id=one.id,
            event_id=visible(one.event_id),
            type=visible(one.type),
            at=moment(one.at),
            attempts=one.attempts,
            error=visible(one.error or "", most=400),
        )
        for one in found
    ]


def _state(one: EndpointStanding, now: float) -> tuple[str, str, str]:
    if one.gone:
        return "gone", "failed", "it answered 410 and is told nothing more"
    if one.failures and one.next_at > now:
        told = f"{_times(one.failures)}; tried again at {moment(one.next_at)} UTC"
        return "circuit open", "failed", told
    if one.failures:
        return "failing", "uncertain", f"{_times(one.failures)}; due now"
    return "ok", "done", ""


def _times(failures: int) -> str:
    return "failed once" if failures == 1 else f"failed {failures:,} times in a row"


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = "" if parts.port is None else f":{parts.port}"
    except ValueError:
        return "not a URL"
    return visible(f"{parts.scheme}://{parts.hostname or ''}{port}/…")
