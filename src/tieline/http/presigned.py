"""Calls to presigned URLs: addresses that carry their own right, so no token goes there."""

import random
from collections.abc import Callable, Mapping

from tieline.calls.bodies import Unreadable, decode
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
from tieline.types import Json


class PresignedCalls:
    """Uploads and downloads over the client's own connections, retried as any idempotent call."""

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
        order = self._order(request, timeout, progress)
        return await self._perform(order, url, headers, content)

    async def get(
        self,
        request: Request,
        *,
        url: str,
        timeout: float,  # noqa: ASYNC109  # as above
        progress: Progress,
    ) -> Answer:
        """Fetch a text file; the answer's body is the text, whatever its content type.

        Raises:
            InvalidInput: the URL is none that may be called; nothing was sent.
            ApiError: it was refused, with 403 where the URL has expired.
            NetworkError, DeadlineExceeded: no whole file came.
        """
        return await self._perform(self._order(request, timeout, progress), url, {}, None)

    def _order(self, request: Request, within: float, progress: Progress) -> Order:
        now = self._clock.monotonic()
        return Order(
            request=request,
            started=now,
            wall=self._clock.wall(),
            deadline=Deadline.after(within, now=now),
            budget=self._budget,
            breaker=Breaker(),
            chance=self._chance,
            progress=progress,
        )

    async def _perform(
        self, order: Order, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> Answer:
        destination = judge_url(url, self._policy)
        outgoing = Outgoing(
            order.request.operation.method, destination.origin, destination.target, headers,
            content, None, 0.0,
        )  # fmt: skip
        read = _text if content is None else decode
        return await call_unlimited(self._transport, self._clock, order, outgoing, read=read)


def _text(body: bytes, content_type: str) -> Json:
    del content_type
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise Unreadable("the file is no text in UTF-8") from exc
