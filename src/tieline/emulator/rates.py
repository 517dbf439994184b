"""Fixed windows that count requests: the platform's limits, and those that a fault sets."""

import math
from typing import NamedTuple

from tieline.emulator.oauth.state import Token
from tieline.emulator.wire_errors import Refusal, too_many_requests
from tieline.types import JsonObject

TOKEN_KEY = "client.credentials.token.rate.per.minute"  # noqa: S105  # the name of a limit
CLIENT_KEY = "org.client.rate.per.minute"
WINDOW_SECONDS = 60.0


class _Window(NamedTuple):
    number: int
    taken: int


class RateWindows:
    """Counts by key; a key's window starts anew with each multiple of its length."""

    def __init__(self) -> None:
        self._windows: dict[tuple[str, str], _Window] = {}

    def take(
        self, limit: str, holder: str, *, most: int, seconds: float, now: float
    ) -> Refusal | None:
        """Count one request, or refuse it; a refused one is not counted."""
        number = math.floor(now / seconds)
        window = self._windows.get((limit, holder))
        taken = window.taken if window is not None and window.number == number else 0
        if taken >= most:
            left = max(1, math.ceil((number + 1) * seconds - now))
            return too_many_requests(left, key=limit, value=most)
        self._windows[limit, holder] = _Window(number, taken + 1)
        return None

    def clear(self) -> None:
        """Forget all counts."""
        self._windows.clear()


def platform_limits(
    windows: RateWindows, limits: JsonObject, token: Token, *, now: float
) -> Refusal | None:
    """Apply the platform's limits per token and per client, whichever refuses first."""
    most = int(limits.get(TOKEN_KEY, 300))
    refusal = windows.take(TOKEN_KEY, token.id, most=most, seconds=WINDOW_SECONDS, now=now)
    if refusal is not None:
        return refusal
    most = int(limits.get(CLIENT_KEY, 3000))
    return windows.take(CLIENT_KEY, token.client_id, most=most, seconds=WINDOW_SECONDS, now=now)
