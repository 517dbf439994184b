"""Text without a closed list of values.

One variable an `eq` literal, at most one of them true; one a `contains` or `regex`. Whether some
text has this and lacks that is not written into clauses: the assignment the solver finds is put to
the search over automata, and what no text can do becomes a clause for the next attempt.
"""

from collections.abc import Callable, Iterable, Sequence

from tieline.rules.model import Condition
from tieline.rules.verify.domain import Expired, Holds, Undecided, existence, never
from tieline.rules.verify.formula import Clauses, Formula, all_of, negated
from tieline.rules.verify.space import Space
from tieline.rules.verify.text_search import TextQuery, find_text
from tieline.types import Json

Wanted = dict[Condition, bool]
"""Searches, and whether the text is to have them."""


class TextDomain:
    """Exact for `eq`, `contains` and the regular expressions `pattern_syntax` understands."""

    def __init__(
        self,
        space: Space,
        conditions: Iterable[Condition],
        clauses: Clauses,
        judge: Callable[[Condition, Json], bool],
        expired: Expired = never,
    ) -> None:
        """Name the literals and the searches, and say what follows from one for the others."""
        self.space = space
        self.present = clauses.variable()
        self._judge = judge
        self._expired = expired
        self._equal: dict[str, int] = {}
        self._search: dict[Condition, int] = {}
        for condition in conditions:
            value = str(condition.value)
            if condition.operator in ("eq", "neq"):
                if value not in self._equal and space.allows(value):
                    self._equal[value] = clauses.variable()
            elif condition.operator in ("contains", "regex"):
                self._search.setdefault(condition, clauses.variable())
        self._found: dict[frozenset[tuple[Condition, bool]], tuple[str | None, Wanted]] = {}
        self._constrain(clauses)

    def atom(self, condition: Condition) -> Formula:
        """A variable, or its absence under `neq`."""
        known = existence(condition, self.present)
        if known is not None:
            return known
        if condition.operator in ("contains", "regex"):
            return self._search[condition]
        equal: Formula = self._equal.get(str(condition.value), False)
        if condition.operator == "eq":
            return equal
        return all_of((self.present, negated(equal)))

    def lemma(self, holds: Holds) -> list[int] | None:
        """What contradicts every text, as small as leaving out one search at a time makes it."""
        if not holds(self.present) or any(holds(literal) for literal in self._equal.values()):
            return None
        wanted = {condition: holds(literal) for condition, literal in self._search.items()}
        text, needed = self._find(wanted)
        if text is not None:
            return None
        needed = self._thinned(needed)
        literals = [-self._literal(one, has=has) for one, has in needed.items()]
        fitting = [
            literal
            for value, literal in self._equal.items()
            if all(self._judge(one, value) == has for one, has in needed.items())
        ]
        return [-self.present, *literals, *fitting]

    def blocking(self, holds: Holds) -> list[int]:
        """Every search as it stands, with no literal chosen."""
        searches = [-self._literal(one, has=holds(it)) for one, it in self._search.items()]
        return [-self.present, *searches, *self._equal.values()]

    def value(self, holds: Holds) -> Json:
        """The chosen literal, else the text found."""
        if not holds(self.present):
            return None
        chosen = next((text for text, literal in self._equal.items() if holds(literal)), None)
        if chosen is not None:
            return chosen
        text, _ = self._find({one: holds(literal) for one, literal in self._search.items()})
        return text

    def _literal(self, condition: Condition, *, has: bool) -> int:
        return self._search[condition] if has else -self._search[condition]

    def _thinned(self, needed: Wanted) -> Wanted:
        for condition in list(needed):
            fewer = {one: has for one, has in needed.items() if one is not condition}
            try:
                text, smaller = self._find(fewer)
            except Undecided:
                continue
            if text is None:
                needed = smaller
        return needed

    def _find(self, wanted: Wanted) -> tuple[str | None, Wanted]:
        """A text that has all that is wanted; or None, and what of it no text has.

        Machines join the search only once a text found without them is not what is wanted: of many
        conditions on a field few matter to any one text.
        """
        key = frozenset(wanted.items())
        if key not in self._found:
            self._found[key] = self._search_for(wanted)
        return self._found[key]

    def _search_for(self, wanted: Wanted) -> tuple[str | None, Wanted]:
        asked: Wanted = {one: has for one, has in wanted.items() if has}
        guess = self._guess(wanted)
        if guess is not None:
            return guess, asked
        while True:
            text = self._ask(asked)
            if text is None:
                return None, asked
            missed = {one: has for one, has in wanted.items() if self._judge(one, text) != has}
            if not missed:
                return text, asked
            if any(one in asked for one in missed):  # the interpreter has the last word
                raise Undecided(f"`{self.space.type.name}`: a pattern is read in two ways")
            asked |= missed

    def _ask(self, asked: Wanted) -> str | None:
        own = () if self.space.pattern is None else ((self.space.pattern, True),)
        query = TextQuery(
            patterns=(*own, *_of(asked, "regex")),
            substrings=tuple(_of(asked, "contains")),
            excluded=frozenset(self._equal),
            shortest=self.space.min_length,
            longest=self.space.max_length,
        )
        return find_text(query, expired=self._expired)

    def _guess(self, wanted: Wanted) -> str | None:
        """The substrings side by side, or one of some plain texts: mostly that will do."""
        parts = [
            str(one.value) for one, has in wanted.items() if one.operator == "contains" and has
        ]
        longest = [
            one for one in parts if not any(one != other and one in other for other in parts)
        ]
        joined = [blank.join(longest) for blank in (" ", "-", "")]
        for text in joined if parts else ["a", "0", "other", ""]:
            fits = text not in self._equal and self.space.allows(text)
            if fits and all(self._judge(one, text) == has for one, has in wanted.items()):
                return text
        return None

    def _constrain(self, clauses: Clauses) -> None:
        equal = list(self._equal.values())
        for literal in (*equal, *self._search.values()):
            clauses.add(-literal, self.present)
        clauses.at_most_one(equal)
        for value, literal in self._equal.items():
            for condition, search in self._search.items():
                has = self._judge(condition, value)
                clauses.add(-literal, search if has else -search)
        parts = {
            str(one.value): it for one, it in self._search.items() if one.operator == "contains"
        }
        _nest(clauses, parts)


def _of(wanted: Wanted, operator: str) -> Sequence[tuple[str, bool]]:
    return tuple((str(one.value), has) for one, has in wanted.items() if one.operator == operator)


def _nest(clauses: Clauses, parts: dict[str, int]) -> None:
    """A text with the longer substring has the shorter one in it."""
    for longer, literal in parts.items():
        for shorter, other in parts.items():
            if shorter != longer and shorter in longer:
                clauses.add(-literal, other)
