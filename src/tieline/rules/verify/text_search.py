"""The shortest text that has some patterns in it and others not: breadth first over all machines.

All machines read the same text at once. Characters that no machine tells apart are one; a state of
the search is every machine's state, how far the text could still be an excluded one, and its length
while a limit on that matters.
"""

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass
from functools import lru_cache

from tieline.rules.verify.automaton import Automaton
from tieline.rules.verify.character_ranges import LAST_CHARACTER
from tieline.rules.verify.domain import OUT_OF_TIME, Expired, Undecided, never
from tieline.rules.verify.pattern_syntax import literal_pattern, parse_pattern

# Some tenths of a second; a product larger than that is answered `undecided`.
_MOST_STEPS = 300_000
# Between two looks at the clock; a step of a large machine takes a millisecond.
_STEPS_A_LOOK = 64
_AGREEABLE = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-"

# Where a search stands: a state a machine, the prefix shared with an excluded text, the length.
_Place = tuple[tuple[int, ...], str | None, int]


@dataclass(frozen=True, slots=True)
class TextQuery:
    """`patterns` and `substrings` with whether the text has them; `excluded` texts do not count."""

    patterns: tuple[tuple[str, bool], ...] = ()
    substrings: tuple[tuple[str, bool], ...] = ()
    excluded: frozenset[str] = frozenset()
    shortest: int = 0
    longest: int | None = None


def find_text(query: TextQuery, *, expired: Expired = never) -> str | None:
    """A shortest text that answers the query; None when there certainly is none.

    Raises:
        Undecided: a pattern is beyond the reader, the search beyond its limit, or time is up.
    """
    machines = [*(_machine(text) for text, _ in query.patterns)]
    machines += [_substring(text) for text, _ in query.substrings]
    wanted = [has for _, has in (*query.patterns, *query.substrings)]
    return _Search(query, machines, wanted, expired).run()


class _Search:
    """One search; `prefixes` are the texts that can still become an excluded one."""

    def __init__(
        self, query: TextQuery, machines: list[Automaton], wanted: list[bool], expired: Expired
    ) -> None:
        self.query = query
        self.expired = expired
        self.machines = machines
        self.wanted = wanted
        self.prefixes = {text[:end] for text in query.excluded for end in range(len(text) + 1)}
        self.alphabet = _alphabet(machines, query.excluded)
        longest = query.longest
        self.length_cap = query.shortest if longest is None else max(query.shortest, longest + 1)

    def run(self) -> str | None:
        """Breadth first, so the first text found is a shortest one."""
        first = tuple(machine.start for machine in self.machines)
        prefix = "" if "" in self.prefixes else None
        start: _Place = (first, prefix, 0)
        seen: set[_Place] = {start}
        queue: deque[tuple[_Place, str]] = deque([(start, "")])
        steps = 0
        while queue:
            (states, prefix, length), text = queue.popleft()
            if self.answers(states, text):
                return text
            if self.query.longest is not None and len(text) >= self.query.longest:
                continue
            for character in self.alphabet:
                steps += 1
                if steps > _MOST_STEPS:
                    raise Undecided("the patterns on one field together are too large to search")
                if steps % _STEPS_A_LOOK == 0 and self.expired():
                    raise Undecided(OUT_OF_TIME)
                code = ord(character)
                moved = tuple(
                    machine.step(state, code)
                    for machine, state in zip(self.machines, states, strict=True)
                )
                if any(
                    state < 0 and not has for state, has in zip(moved, self.wanted, strict=True)
                ):
                    continue  # a match that must not be stays
                longer = None if prefix is None else prefix + character
                longer = longer if longer in self.prefixes else None
                following = (moved, longer, min(length + 1, self.length_cap))
                if following not in seen:
                    seen.add(following)
                    queue.append((following, text + character))
        return None

    def answers(self, states: tuple[int, ...], text: str) -> bool:
        """Whether the text that ends here is what is looked for."""
        if len(text) < self.query.shortest or text in self.query.excluded:
            return False
        pairs = zip(self.machines, states, self.wanted, strict=True)
        return all(machine.accepts(state) == has for machine, state, has in pairs)


@lru_cache(maxsize=512)
def _machine(pattern: str) -> Automaton:
    return Automaton(parse_pattern(pattern))


@lru_cache(maxsize=512)
def _substring(text: str) -> Automaton:
    return Automaton(literal_pattern(text))


def _alphabet(machines: list[Automaton], excluded: frozenset[str]) -> str:
    """One character of every class that the machines and the excluded texts tell apart."""
    cuts = {0, 0xD800, 0xE000}
    for machine in machines:
        cuts.update(machine.boundaries())
    for character in {character for text in excluded for character in text}:
        cuts.update((ord(character), ord(character) + 1))
    ends = sorted(cut for cut in cuts if cut <= LAST_CHARACTER)
    chosen: dict[int, str] = {}
    for character in _AGREEABLE:
        chosen.setdefault(bisect_right(ends, ord(character)), character)
    for number, low in enumerate(ends, start=1):
        if low != 0xD800:  # noqa: PLR2004  # halves of surrogate pairs are no characters
            chosen.setdefault(number, chr(low))
    return "".join(chosen[number] for number in sorted(chosen) if _is_character(chosen[number]))


def _is_character(character: str) -> bool:
    return not 0xD800 <= ord(character) <= 0xDFFF  # noqa: PLR2004  # surrogates
