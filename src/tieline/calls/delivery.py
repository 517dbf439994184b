"""When a call-back is tried again, and when it is given up.

An endpoint gets its events in their order, so the oldest one waits for its turn and the others
behind it. How long is a matter of the endpoint, not of the event: after each failure in a row it
is left alone for longer (an open circuit), and the first success lets everything through. An event
that is a day old when it fails is a dead letter; a person may replay it.
"""

from typing import Literal

DAY_SECONDS = 86_400.0

# After the first failure, the second …; the last one repeats.
PAUSES_SECONDS = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 7200.0, 14_400.0, 21_600.0)

# A receiver that asks for more than this would make its events stale.
_LONGEST_RETRY_AFTER_SECONDS = 21_600.0

Verdict = Literal["delivered", "failed", "gone"]


def judge_status(status: int) -> Verdict:
    """What a receiver's answer means: 2xx took it, 410 wants no more, all else is a failure.

    A redirect is a failure: following it would send the event to whom nobody configured.
    """
    if 200 <= status < 300:  # noqa: PLR2004  # RFC 9110: successful
        return "delivered"
    return "gone" if status == 410 else "failed"  # noqa: PLR2004  # RFC 9110: Gone


def pause(failures: int, *, chance: float, retry_after: float | None = None) -> float:
    """Seconds to leave an endpoint alone after `failures` in a row (1 or more).

    `chance` is uniform in [0, 1): a fifth of the pause is jitter, so that many endpoints of one
    receiver do not come back together.
    """
    planned = PAUSES_SECONDS[min(failures, len(PAUSES_SECONDS)) - 1]
    asked = min(retry_after or 0.0, _LONGEST_RETRY_AFTER_SECONDS)
    return max(planned * (0.8 + 0.2 * chance), asked)


def next_try(now: float, created: float, wait: float) -> float | None:
    """When the oldest event is tried next; None where its day is over.

    The last try is exactly a day after the event, so a receiver that is down for less loses none.
    """
    last = created + DAY_SECONDS
    return None if now >= last else min(now + wait, last)
