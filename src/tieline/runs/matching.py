"""Which past invocation is which item's, where only the input and the time can tell.

A far side that lists its invocations with their inputs, and knows no reference of ours, settles an
item where one invocation alone fits it, and that fits no other item. All else stays open.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# How far the clocks of two machines may be apart.
SKEW_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Trace:
    """An invocation the far side tells of. `spelled` is its input as canonical JSON.

    `at` is when it was made, in wall seconds; None where that is not told.
    """

    execution_id: str
    spelled: bytes
    at: float | None


@dataclass(frozen=True, slots=True)
class Sending:
    """An item's input as canonical JSON, and between which wall seconds its request may have left.

    Where `since` is None nothing is known of when.
    """

    spelled: bytes
    since: float | None
    seconds: float

    def may_have_made(self, trace: Trace) -> bool:
        """True where neither the input nor the time speaks against it."""
        if self.spelled != trace.spelled:
            return False
        if self.since is None or trace.at is None:
            return True
        latest = self.since + self.seconds + SKEW_SECONDS
        return self.since - SKEW_SECONDS <= trace.at <= latest


@dataclass(frozen=True, slots=True)
class Matches:
    """Execution ids by the key of their item; and the items that more than one thing fits."""

    found: Mapping[int, str]
    ambiguous: frozenset[int]


def match(
    wanted: Mapping[int, Sending], rivals: Sequence[Sending], traces: Sequence[Trace]
) -> Matches:
    """Give each wanted item its invocation, where there is no doubt.

    Args:
        wanted: the items to settle, by any key.
        rivals: what else was sent and has no execution id either: it may have made a trace.
        traces: invocations that belong to no item yet.
    """
    fitting: defaultdict[int, list[Trace]] = defaultdict(list)
    claimed: Counter[str] = Counter()
    for trace in traces:
        for key, sending in wanted.items():
            if sending.may_have_made(trace):
                fitting[key].append(trace)
                claimed[trace.execution_id] += 1
        claimed[trace.execution_id] += sum(rival.may_have_made(trace) for rival in rivals)
    found = {
        key: fits[0].execution_id
        for key, fits in fitting.items()
        if len(fits) == 1 and claimed[fits[0].execution_id] == 1 and fits[0].at is not None
    }
    return Matches(found, frozenset(fitting) - frozenset(found))
