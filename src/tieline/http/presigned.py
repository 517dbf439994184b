"""Puts bytes at a presigned URL: an address that carries its own right, so no token goes there."""

import random
from collections.abc import Callable, Mapping

from tieline.calls.breaker import Breaker
from tieline.calls.budget import Budget
from tieline.calls.deadline import Deadline
from tieline.calls.destination import Policy, judge_url
from tieline.calls.operation import Answer, Request
from tieline.calls.order import Order
from tieline.calls.progress import Progress
from tieline.clock import Clock
from tieline.http.transport import Outgoing, Transport
from tieline.http.unlimited import call_unlimited


class PresignedUploads:
    """Uploads over the client's own connections, with the retries of any idempotent call."""

    def __init__(
        self,
        transport: Transport,
        clock: Clock,
        *,
        plain_http: bool = False,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`plain_http` is for an emulator: the platform's own URLs are https."""
        self._transport = transport
        self._clock = clock
        self._policy = Policy(plain_http=plain_http)
        self._chance = chance
        self._budget = Budget()

    async def put(
        self,
        request: Request,
        *,
        url: str,
        headers: Mapping[str, str],
        content: bytes,
        timeout: float,  # noqa: ASYNC109  # a deadline over waits and retries
        progress: Progress,
    ) -> Answer:
        """Put `content` whole, its length told beforehand; `request` only names the operation.

        Raises:
            InvalidInput: the URL is none that may be called; nothing was sent.
            ApiError: it was refused, with 403 where the URL has expired.
            NetworkError, DeadlineExceeded: it did not arrive, or nobody said so; safe to repeat.
        """
        destination = judge_url(url, self._policy)
        now = self._clock.monotonic()
        order = Order(
            request=request,
            started=now,
            wall=self._clock.wall(),
            deadline=Deadline.after(timeout, now=now),
            budget=self._budget,
            breaker=Breaker(),
            chance=self._chance,
            progress=progress,
        )
        outgoing = Outgoing(
            request.operation.method, destination.origin, destination.target, headers, content,
            None, 0.0,
        )  # fmt: skip
        return await call_unlimited(self._transport, self._clock, order, outgoing)
