"""Calls that the emulator itself makes: to a user's handler, or to an action's own service."""

from collections.abc import Mapping

# A data action's payload limit on the platform; an endless answer must not fill the memory.
MOST_ANSWER_BYTES = 3_000_000


class RemoteFailed(Exception):
    """The other side could not be reached, or answered an error. The text says which.

    `status` is its answer's, None when it gave none.
    """

    def __init__(self, message: str, *, status: int | None = None) -> None:
        """Keep the status apart from the text: the wire error depends on it."""
        super().__init__(message)
        self.status = status


async def request_json(
    method: str,
    url: str,
    *,
    body: bytes | None,
    headers: Mapping[str, str] | None = None,
    timeout: float,  # noqa: ASYNC109  # ends the connection too
) -> bytes:
    """Make one call and return the body of its answer. Redirects are not followed.

    Raises:
        RemoteFailed: no connection, a status outside 200-299, or too large an answer.
        TimeoutError: no answer within `timeout` seconds.
    """
    import aiohttp  # noqa: PLC0415  # 0.1 s that most emulators never need

    sent = {"Content-Type": "application/json", "Accept": "application/json", **(headers or {})}
    limit = aiohttp.ClientTimeout(total=timeout)
    try:
        async with (
            aiohttp.ClientSession(timeout=limit) as session,
            session.request(method, url, data=body, headers=sent, allow_redirects=False) as answer,
        ):
            content = await answer.content.read(MOST_ANSWER_BYTES + 1)
    except (aiohttp.ClientError, ValueError) as exc:
        raise RemoteFailed(f"{url}: {exc}") from exc
    if len(content) > MOST_ANSWER_BYTES:
        raise RemoteFailed(f"{url}: the answer is over {MOST_ANSWER_BYTES} bytes")
    if not 200 <= answer.status < 300:  # noqa: PLR2004  # the statuses of success
        text = content[:500].decode("utf-8", "replace")
        raise RemoteFailed(f"{url} answered {answer.status}: {text}", status=answer.status)
    return content
