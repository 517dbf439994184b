"""The procedure: rules are walked in the order they are tried, and put aside one by one.

When rule n is looked at, `no earlier rule matches` is already a fact for the solver. Then one
question tells whether the rule takes any record; the record found is kept, for it usually also
shows that the rule is not redundant. Only where the answer is no are further questions asked:
whether the rule matches anything at all, and which earlier rules cover it.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from tieline.rules.evaluate import Interpreter, Invalid
from tieline.rules.field_schema import violates
from tieline.rules.model import Rule, Ruleset
from tieline.rules.verify.fields import Fields, fields_of
from tieline.rules.verify.formula import Clauses, negated
from tieline.rules.verify.overlap import Overlap
from tieline.rules.verify.report import Kind, Proven, Verification
from tieline.rules.verify.solver import Answer, Found, Proof, Questions, Unknown, asking
from tieline.types import Json

# A file in which everything conflicts with everything is told the first thousand pairs.
MOST_CONFLICTS = 1_000
# So many candidates are tried alone before the solver's proof is taken and thinned out.
FEW = 30
# Trimming asks the interpreter a question a field: worth it while somebody reads on.
MOST_TRIMMED = 50

Expected = Callable[[Mapping[str, Any]], bool]
"""Whether a valid record shows what a finding says."""


def verify_ruleset(
    ruleset: Ruleset, *, expired: Callable[[], bool] = lambda: False
) -> Verification:
    """Every proof about the enabled rules of a checked rule set.

    `expired` is asked now and then; once it says yes, what is left undone is named in `reasons`.
    """
    return _Procedure(ruleset, expired).run()


@dataclass(slots=True)
class _Encoded:
    """A rule in the solver: `takes` implies its condition, `passes` its negation."""

    rule: Rule
    takes: int
    passes: int
    target: str  # equal for rules with an equal `then`


class _Procedure:
    """State of one verification."""

    def __init__(self, ruleset: Ruleset, expired: Callable[[], bool]) -> None:
        self.ruleset = ruleset
        self.expired = expired
        self.interpreter = Interpreter(ruleset)
        self.clauses = Clauses()
        self.fields: Fields = fields_of(ruleset, self.interpreter, self.clauses, expired)
        formulas = [self.fields.formula(rule.when) for rule in self.interpreter.rules]
        self.rules: list[_Encoded] = []
        for rule, formula in zip(self.interpreter.rules, formulas, strict=True):
            encoded = _Encoded(
                rule, self.clauses.variable(), self.clauses.variable(), _target(rule.then)
            )
            self.clauses.imply(encoded.takes, formula)
            self.clauses.imply(encoded.passes, negated(formula))
            self.rules.append(encoded)
        self.overlap = Overlap(formulas)
        self.default = _target(ruleset.default)
        # Rules of one priority stand together in the order they are tried.
        self.last_of = {one.rule.priority: number for number, one in enumerate(self.rules)}
        self.last_to = {one.target: number for number, one in enumerate(self.rules)}
        self.findings: list[Proven] = []
        self.reasons: list[str] = list(dict.fromkeys(self.fields.reasons))
        self.conflicts = 0
        self.fresh: Questions

    def run(self) -> Verification:
        """Walk the rules, then ask for what none of them takes."""
        with self.questions() as walk, self.questions() as fresh:
            self.fresh = fresh
            for number, encoded in enumerate(self.rules):
                if self.expired():
                    self.doubt(f"the time budget ran out before `{encoded.rule.name}`")
                    break
                self.look_at(number, encoded, walk)
                walk.fact(encoded.passes)
            else:
                self.look_for_gap(walk)
        return Verification(tuple(self.findings), tuple(self.reasons), len(self.ruleset.rules))

    def questions(self) -> AbstractContextManager[Questions]:
        """A solver that knows the fields and what the rules mean, and sets none aside."""
        return asking(self.clauses, self.fields, self.expired)

    def look_at(self, number: int, encoded: _Encoded, walk: Questions) -> None:
        """One rule against those before it, beside it and behind it."""
        name = encoded.rule.name
        match walk.ask((encoded.takes,)):
            case Unknown(reason=reason):
                self.doubt(f"whether `{name}` takes any record: {reason}")
            case Proof():
                self.explain_silence(number, encoded)
            case Found() as taken:
                self.look_for_conflicts(number, encoded, walk)
                self.look_for_redundancy(number, encoded, walk, taken)

    def explain_silence(self, number: int, encoded: _Encoded) -> None:
        """Why a rule takes nothing: nothing matches it, or earlier rules cover it."""
        name = encoded.rule.name
        match self.fresh.ask((encoded.takes,)):
            case Unknown(reason=reason):
                self.doubt(f"whether any record matches `{name}`: {reason}")
            case Proof():
                message = f"no record can match `{name}`"
                self.keep("unreachable", name, (), None, message)
            case Found(model=model):
                cover = self.smallest_cover(number, encoded)
                by = tuple(self.rules[one].rule.name for one in cover)
                listed = ", ".join(f"`{one}`" for one in by)
                verb = "takes" if len(by) == 1 else "together take"
                message = f"{listed} {verb} every record that matches `{name}`"
                record = self.confirm(model, lambda it: self.matches(it, encoded.rule))
                if record is not None:
                    self.keep("shadowed", name, by, record, message)

    def smallest_cover(self, number: int, encoded: _Encoded) -> list[int]:
        """Earlier rules that leave nothing of this one, none of which could be left out."""
        alone = self.overlap.first_match(self.fresh.implied(encoded.takes), range(number))
        if alone is not None:
            return [alone]
        near = list(self.overlap.with_rule(number, range(number)))
        for one in near if len(near) <= FEW else ():
            if self.covers(encoded, [one]) is not None:
                return [one]
        cover = self.covers(encoded, near) or near
        for one in list(cover):
            if one in cover:
                cover = self.covers(encoded, [other for other in cover if other != one]) or cover
        return cover

    def covers(self, encoded: _Encoded, others: list[int]) -> list[int] | None:
        """Those of the others that a proof that they take everything rests on; None without one."""
        answer = self.fresh.ask((encoded.takes, *(self.rules[one].passes for one in others)))
        if not isinstance(answer, Proof):
            return None
        return [one for one in others if self.rules[one].passes in answer.because]

    def look_for_conflicts(self, number: int, encoded: _Encoded, walk: Questions) -> None:
        """Later rules of the same priority and another target that share a record no one took."""
        rule = encoded.rule
        rivals = range(number + 1, self.last_of[rule.priority] + 1)
        for other in self.overlap.with_rule(number, rivals):
            if self.rules[other].target == encoded.target:
                continue
            if self.conflicts >= MOST_CONFLICTS:
                self.doubt(f"more than {MOST_CONFLICTS} conflicts; the others are not listed")
                return
            if self.expired():
                self.doubt(f"conflicts of `{rule.name}`: the time budget ran out")
                return
            self.look_for_conflict(encoded, self.rules[other], walk)

    def look_for_conflict(self, encoded: _Encoded, other: _Encoded, walk: Questions) -> None:
        """One pair."""
        rule, rival = encoded.rule, other.rule
        match walk.ask((encoded.takes, other.takes)):
            case Unknown(reason=reason):
                self.doubt(f"whether `{rule.name}` and `{rival.name}` conflict: {reason}")
            case Found(model=model):
                record = self.confirm(
                    model, lambda it: self.winner(it) is rule and self.matches(it, rival)
                )
                if record is not None:
                    self.conflicts += 1
                    message = (
                        f"`{rival.name}` and `{rule.name}` have the priority {rule.priority} and "
                        f"different targets; the order in the file decides between them"
                    )
                    self.keep("conflict", rival.name, (rule.name,), record, message)
            case Proof():
                pass

    def look_for_redundancy(
        self, number: int, encoded: _Encoded, walk: Questions, taken: Found
    ) -> None:
        """Whether later rules, or the default, would send all its records the same way."""
        if self.last_to[encoded.target] == number and self.default != encoded.target:
            return
        later = range(number + 1, len(self.rules))
        following = self.overlap.first_match(taken.model, later)
        if self.target_of(following) != encoded.target:
            return
        near = self.overlap.with_rule(number, later)
        alike: list[int] = []
        for one in near:
            if self.rules[one].target == encoded.target:
                alike.append(one)
                continue
            answer = walk.ask(self.falls(encoded, alike, self.rules[one].takes))
            if self.not_redundant(encoded, answer):
                return
        if self.default != encoded.target:
            answer = walk.ask(self.falls(encoded, alike))
            if self.not_redundant(encoded, answer):
                return
        by = tuple(self.rules[one].rule.name for one in alike)
        name = encoded.rule.name
        message = f"without `{name}` every record would end at the same target"
        record = self.confirm(taken.model, lambda it: self.winner(it) is encoded.rule)
        if record is not None:
            self.keep("redundant", name, by, record, message)

    def falls(self, encoded: _Encoded, passed: list[int], *more: int) -> Iterable[int]:
        """Assumptions: the rule takes it, the passed ones do not match it, and what is added."""
        return (encoded.takes, *(self.rules[one].passes for one in passed), *more)

    def not_redundant(self, encoded: _Encoded, answer: Answer) -> bool:
        """Whether the answer settles that the rule is needed, or that nobody knows."""
        if isinstance(answer, Unknown):
            self.doubt(f"whether `{encoded.rule.name}` is redundant: {answer.reason}")
        return not isinstance(answer, Proof)

    def look_for_gap(self, walk: Questions) -> None:
        """A record that no rule takes; the walk has set every rule aside by then."""
        if self.ruleset.default is not None:
            return
        match walk.ask(()):
            case Unknown(reason=reason):
                self.doubt(f"whether every record is taken: {reason}")
            case Found(model=model):
                record = self.confirm(model, lambda it: self.winner(it) is None)
                if record is not None:
                    self.keep("gap", None, (), record, "no rule takes this record")
            case Proof():
                pass

    def confirm(self, model: frozenset[int], expected: Expected) -> dict[str, Json] | None:
        """Put a witness to the interpreter before anyone sees it; None when it is no witness.

        Of the first findings' records every field is left out that need not be there.
        """
        record = self.fields.record(model.__contains__)
        if not (self.valid(record) and expected(record)):
            self.doubt("a witness was found that the interpreter or the schema does not confirm")
            return None
        for name in list(record) if len(self.findings) < MOST_TRIMMED else ():
            fewer = {key: value for key, value in record.items() if key != name}
            if self.valid(fewer) and expected(fewer):
                record = fewer
        return record

    def valid(self, record: Mapping[str, Any]) -> bool:
        """Whether the interpreter takes the record, and the schemas where they know more."""
        refused = violates(self.fields.schemas, record)
        return not refused and self.interpreter.invalid(record) is None

    def winner(self, record: Mapping[str, Any]) -> Rule | Invalid | None:
        """Who takes the record, by the interpreter."""
        return self.interpreter.first_match(record)

    def matches(self, record: Mapping[str, Any], rule: Rule) -> bool:
        """Whether a valid record matches the rule, by the interpreter."""
        return self.interpreter.matches(rule.when, record)

    def target_of(self, number: int | None) -> str:
        """Where a rule sends a record, or no rule does."""
        return self.default if number is None else self.rules[number].target

    def keep(
        self,
        kind: Kind,
        rule: str | None,
        by: tuple[str, ...],
        witness: Mapping[str, Any] | None,
        message: str,
    ) -> None:
        """One more finding."""
        self.findings.append(Proven(kind, rule, by, witness, message))

    def doubt(self, reason: str) -> None:
        """Something was not decided."""
        if reason not in self.reasons:
            self.reasons.append(reason)


def _target(then: Mapping[str, Any] | None) -> str:
    return json.dumps(then, sort_keys=True, default=str)
