"""One SAT solver for all questions about a rule set, asked under assumptions.

An answer is a record, a proof (with the assumptions it rests on), or "unknown": a budget ran out,
or a field could not decide whether an assignment is a real value. A proof never rests on such a
doubt: what was set aside is guarded by a literal of its own, and a proof that needs it is none.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pysat.solvers import Minisat22

from tieline.rules.verify.domain import OUT_OF_TIME, Holds, Undecided
from tieline.rules.verify.fields import Fields
from tieline.rules.verify.formula import Clauses

# Between two looks at the clock; a few milliseconds of search.
_CONFLICTS_A_LOOK = 2_000
# A question that meets more false assignments than this is not worth more time.
_MOST_LEMMAS = 2_000


@dataclass(frozen=True, slots=True)
class Found:
    """A record answers the question: the one this assignment describes."""

    model: frozenset[int]


@dataclass(frozen=True, slots=True)
class Proof:
    """No record does; `because` are the assumptions that exclude each other."""

    because: frozenset[int]


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows."""

    reason: str


Answer = Found | Proof | Unknown


class Questions:
    """The solver with its clauses; permanent facts are added as the procedure walks the rules."""

    def __init__(self, clauses: Clauses, fields: Fields, expired: Callable[[], bool]) -> None:
        """Load the clauses; `expired` is asked between stretches of search."""
        self._fields = fields
        self._expired = expired
        self._doubt = clauses.variable()
        self._variables = clauses.variables
        self._solver = Minisat22(bootstrap_with=clauses.clauses)
        self._doubts: list[str] = []

    def fact(self, *literals: int) -> None:
        """A clause that holds from here on."""
        self._solver.add_clause(list(literals))

    def ask(self, assumptions: Iterable[int]) -> Answer:
        """A record under the assumptions, or why there is none."""
        assumed = [*assumptions, -self._doubt]
        for _ in range(_MOST_LEMMAS):
            satisfied = None if self._expired() else self._search(assumed)
            if satisfied is None:
                return Unknown(OUT_OF_TIME)
            if not satisfied:
                core = frozenset(self._solver.get_core() or ())
                if -self._doubt in core:
                    return Unknown(self._doubts[-1])
                return Proof(core)
            model = frozenset(self._solver.get_model() or ())
            if self._is_real(model.__contains__):
                return Found(model)
        return Unknown("too many combinations of patterns had to be tried")

    def implied(self, literal: int) -> frozenset[int]:
        """What follows from one literal at first sight, by unit propagation."""
        propagated = self._solver.propagate(assumptions=[literal, -self._doubt])
        return frozenset(propagated[1] if propagated else ())

    def close(self) -> None:
        """Free the solver's memory."""
        self._solver.delete()

    def _search(self, assumed: list[int]) -> bool | None:
        while True:
            self._solver.conf_budget(_CONFLICTS_A_LOOK)
            satisfied: bool | None = self._solver.solve_limited(assumptions=assumed)
            if satisfied is not None or self._expired():
                return satisfied

    def _is_real(self, holds: Holds) -> bool:
        real = True
        for domain in self._fields.domains.values():
            try:
                lemma = domain.lemma(holds)
            except Undecided as exc:
                self._doubts.append(str(exc))
                self.fact(self._doubt, *domain.blocking(holds))
                real = False
            else:
                if lemma is not None:
                    self.fact(*lemma)
                    real = False
        return real


@contextmanager
def asking(clauses: Clauses, fields: Fields, expired: Callable[[], bool]) -> Iterator[Questions]:
    """Questions over the clauses, freed at the end."""
    questions = Questions(clauses, fields, expired)
    try:
        yield questions
    finally:
        questions.close()
