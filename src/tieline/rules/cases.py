"""`rules test`: the examples of a rule file, each a record and the rule that should take it."""

from dataclasses import dataclass
from typing import Any

from tieline.rules.evaluate import Interpreter, Invalid
from tieline.rules.model import Case, Ruleset
from tieline.rules.trace import trace_record


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One example; `problem` is empty when it came out as expected."""

    name: str
    expected: str | None
    matched: str | None
    problem: str

    @property
    def passed(self) -> bool:
        """Whether it came out as expected."""
        return not self.problem

    def to_json(self) -> dict[str, Any]:
        """An entry of `rules test --json`."""
        return {
            "name": self.name,
            "passed": self.passed,
            "expected": self.expected,
            "matched": self.matched,
            "problem": self.problem or None,
        }


def run_cases(ruleset: Ruleset, cases: tuple[Case, ...]) -> tuple[CaseResult, ...]:
    """Evaluate every example of a checked rule set."""
    interpreter = Interpreter(ruleset)
    return tuple(_run(interpreter, case, number) for number, case in enumerate(cases, start=1))


def _run(interpreter: Interpreter, case: Case, number: int) -> CaseResult:
    name = case.name or f"case {number}"
    known = {rule.name for rule in interpreter.ruleset.rules}
    if case.expect is not None and case.expect not in known:
        return CaseResult(name, case.expect, None, f"there is no rule `{case.expect}`")
    found = interpreter.first_match(case.record)
    if isinstance(found, Invalid):
        return CaseResult(name, case.expect, None, "; ".join(found.problems))
    matched = None if found is None else found.name
    problem = "" if matched == case.expect else _why(interpreter, case, matched)
    return CaseResult(name, case.expect, matched, problem)


def _why(interpreter: Interpreter, case: Case, matched: str | None) -> str:
    steps = {step.rule: step for step in trace_record(interpreter.ruleset, case.record).steps}
    asked = case.expect if case.expect is not None else matched
    step = steps.get(asked or "")
    taken = "no rule takes it" if matched is None else f"`{matched}` takes it"
    if step is not None and step.matched and matched != asked:
        return f"{taken}, and is tried before `{asked}`"
    reason = f"`{asked}` is not enabled" if step is None else step.because
    return f"{taken}: {reason}"
