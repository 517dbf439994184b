"""The receiving side of signed call-backs, from Tieline or whoever else signs the same way."""

from collections.abc import Mapping, Sequence

from tieline.calls.signature import DEFAULT_TOLERANCE_SECONDS, BadSignature, check_secret, verify
from tieline.clock import Clock, SystemClock
from tieline.contracts.strict_json import parse_json
from tieline.secret import Secret
from tieline.types import Json


class WebhookReceiver:
    """Takes a message once, if it is signed with one of the secrets and fresh.

    Several secrets are for the time in which one is being replaced. What was taken is remembered
    as long as it would pass as fresh, so a recording played back is refused. Deliveries are at
    least once: a *repeated* delivery has a new timestamp and the same id, and is refused here too;
    answer 2xx to it. The memory is this object's; several processes share what they took elsewhere.
    """

    def __init__(
        self,
        *secrets: str | Secret,
        tolerance: float = DEFAULT_TOLERANCE_SECONDS,
        clock: Clock | None = None,
    ) -> None:
        """`secrets` as the sender shows them, `whsec_…`; `tolerance` in seconds either way.

        Raises:
            InvalidInput: a secret is none.
        """
        given = [one if isinstance(one, Secret) else Secret(one) for one in secrets]
        self._secrets: Sequence[Secret] = [check_secret(one) for one in given]
        self._tolerance = tolerance
        self._clock = clock or SystemClock()
        self._taken: dict[str, float] = {}  # id → wall seconds until which it could come again

    def receive(self, headers: Mapping[str, str], body: bytes) -> Json:
        """The message's JSON. Give the body as it came, byte for byte.

        Raises:
            BadSignature: forged, changed, stale, or taken before (`Repeated`).
            InvalidInput: signed, and no JSON.
        """
        now = self._clock.wall()
        signed = verify(self._secrets, headers, body, now=now, tolerance=self._tolerance)
        self._forget(now)
        if signed.id in self._taken:
            raise Repeated(f"the message {signed.id} was taken before")
        payload = parse_json(body, what="the message")
        # Repeats of a delivery have later timestamps: a day of them, as senders try that long.
        self._taken[signed.id] = now + self._tolerance + _REPEATS_SECONDS
        return payload

    def _forget(self, now: float) -> None:
        """Ids are added in the order of time, so the oldest are in front."""
        while self._taken:
            oldest = next(iter(self._taken))
            if self._taken[oldest] >= now:
                return
            del self._taken[oldest]


# How long a sender repeats a delivery that was not answered.
_REPEATS_SECONDS = 86_400.0


class Repeated(BadSignature):
    """Rightly signed, and taken before: answer 2xx, do nothing."""
