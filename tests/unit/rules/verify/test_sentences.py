"""What verification says, to the last word: each kind of finding, and what it left open."""

from collections.abc import Callable

import pytest

from tieline.rules.check import load_ruleset
from tieline.rules.verify.report import Proven
from tieline.rules.verify.verify import verify_ruleset

ONE_OF_EACH = load_ruleset("""
ruleset: r
fields:
  n: {type: integer, minimum: 0, maximum: 9}
  s: {type: string}
  v: {type: boolean}
rules:
- {name: low, priority: 9, when: n lt 5, then: {queue: A}}
- {name: high, priority: 8, when: n gte 5, then: {queue: B}}
- {name: three, priority: 7, when: n eq 3, then: {queue: C}}
- {name: some, priority: 6, when: exists n, then: {queue: C}}
- {name: never, priority: 5, when: n gt 9, then: {queue: C}}
- {name: x, priority: 4, when: 's eq "x" and v eq true', then: {queue: D}}
- {name: v, priority: 4, when: v eq true, then: {queue: E}}
- {name: w, priority: 3, when: v eq false and s eq "w", then: {queue: F}}
- {name: off, priority: 3, enabled: false, when: n gt 9, then: {queue: C}}
- {name: f, priority: 2, when: v eq false, then: {queue: F}}
""")


def test_each_kind_of_finding_has_its_sentence_and_a_witness_without_anything_needless() -> None:
    found = verify_ruleset(ONE_OF_EACH)

    assert found.findings == (
        Proven("shadowed", "three", ("low",), {"n": 3},
               "`low` takes every record that matches `three`"),
        Proven("shadowed", "some", ("low", "high"), {"n": 3},
               "`low`, `high` together take every record that matches `some`"),
        Proven("unreachable", "never", (), None, "no record can match `never`"),
        Proven("conflict", "v", ("x",), {"s": "x", "v": True},
               "`v` and `x` have the priority 4 and different targets; "
               "the order in the file decides between them"),
        Proven("redundant", "w", ("f",), {"s": "w", "v": False},
               "without `w` every record would end at the same target"),
        Proven("gap", None, (), {}, "no rule takes this record"),
    )  # fmt: skip
    assert (found.complete, found.reasons, found.rules) == (True, (), 10)


def after(looks: int) -> Callable[[], bool]:
    left = iter([False] * looks)
    return lambda: next(left, True)


def test_a_budget_that_runs_out_names_the_first_rule_that_was_not_looked_at() -> None:
    found = verify_ruleset(ONE_OF_EACH, expired=lambda: True)

    assert found.findings == ()
    assert found.reasons[-1] == "the time budget ran out before `low`"


def test_what_was_found_before_the_budget_ran_out_is_kept() -> None:
    runs = [verify_ruleset(ONE_OF_EACH, expired=after(looks)) for looks in range(40)]
    whole = verify_ruleset(ONE_OF_EACH).findings

    for run in runs:
        assert run.findings == whole[: len(run.findings)] or not run.complete
        assert run.complete is (run.reasons == ())
    assert any(0 < len(run.findings) < len(whole) for run in runs)


BOUNDARY = r"the pattern '\\b{}\\b' has `\b`, which is not decided"


def test_what_rests_on_an_unread_pattern_is_left_open_and_named() -> None:
    rules = load_ruleset(r"""
ruleset: r
fields: {s: {type: string}, v: {type: boolean}}
rules:
- {name: a, priority: 2, when: 's regex "\\bx\\b" and s neq "x"', then: {queue: A}}
- {name: b, priority: 1, when: 's regex "\\by\\b" and v eq true', then: {queue: B}}
- {name: c, when: v eq true, then: {queue: B}}
""")

    found = verify_ruleset(rules)

    assert [one.kind for one in found.findings] == ["gap"]
    assert found.reasons == (
        f"whether `a` takes any record: {BOUNDARY.format('x')}",
        f"whether `b` takes any record: {BOUNDARY.format('y')}",
    )


@pytest.mark.parametrize("default", ["", "default: {queue: A}\n"], ids=["none", "another"])
def test_rules_that_send_all_to_one_place_are_each_redundant_only_beside_the_same(
    default: str,
) -> None:
    rules = load_ruleset(
        f"ruleset: r\nfields: {{v: {{type: boolean}}}}\n{default}rules:\n"
        "- {name: one, priority: 2, when: v eq true, then: {queue: Q, note: x}}\n"
        "- {name: two, priority: 1, when: exists v, then: {note: x, queue: Q}}\n"
    )

    kinds = [(one.kind, one.rule) for one in verify_ruleset(rules).findings]

    assert kinds == [("redundant", "one"), *([] if default else [("gap", None)])]
