"""Random rule sets, random records for them, and what the interpreter says of both."""

from decimal import Decimal
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from tieline.rules.evaluate import Interpreter
from tieline.rules.model import And, Condition, Expression, Not, Or, Rule, Ruleset
from tieline.rules.simulation.tally import Tally

FIELDS: dict[str, dict[str, Any]] = {
    "skill": {"type": "array", "items": {"type": "string"}},
    "codes": {"type": "array", "items": {"type": "integer"}},
    "language": {"type": "string"},
    "priority": {"type": "integer"},
    "score": {"type": "number"},
    "vip": {"type": "boolean"},
    "since": {"type": "string", "format": "date-time"},
}
SCHEMA = pa.schema(
    [
        ("skill", pa.list_(pa.string())),
        ("codes", pa.list_(pa.int64())),
        ("language", pa.string()),
        ("priority", pa.int64()),
        ("score", pa.float64()),
        ("vip", pa.bool_()),
        ("since", pa.string()),
    ]
)
WORDS = st.sampled_from(["", "en", "de", "english", "Ünïcode", "a.b", "x" * 40])
INTEGERS = st.integers(-3, 12) | st.sampled_from([2**31, 2**63 - 1, -(2**63), 300, 70_000])
NUMBERS = (
    st.integers(-3, 12)
    | st.sampled_from([0.1, 0.5, -2.5, 1e300, 9.75])
    | st.floats(allow_nan=False, allow_infinity=False)
)
MOMENTS = st.sampled_from(
    ["2026-01-31T09:00:00Z", "2026-01-31T10:00:00+01:00", "2026-01-31t09:00:00.5z",
     "2026-02-01T00:00:00.123456789Z", "1600-01-01T00:00:00Z", "2016-12-31T23:59:60Z",
     "2026-01-31T09:00:00.1234567891Z"]
)  # fmt: skip
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "skill": st.lists(WORDS, max_size=3),
    "codes": st.lists(st.integers(-2, 5), max_size=3),
    "language": WORDS,
    "priority": INTEGERS,
    "score": NUMBERS,
    "vip": st.booleans(),
    "since": MOMENTS,
}
RECORDS = st.fixed_dictionaries(
    {}, optional={name: st.none() | values for name, values in VALUES.items()}
)
LITERALS: dict[str, st.SearchStrategy[Any]] = {
    "skill": WORDS,
    "codes": st.integers(-2, 5),
    "language": WORDS,
    "priority": INTEGERS | st.sampled_from([Decimal("2.5"), 10**30, Decimal("1E+500")]),
    "score": st.integers(-3, 12)
    | st.sampled_from([Decimal("0.1"), Decimal("0.10000000000000000001"), Decimal("-2.5")])
    | st.decimals(allow_nan=False, allow_infinity=False),
    "vip": st.booleans(),
    "since": MOMENTS,
}
COMPARISONS = {
    "skill": ["contains"],
    "codes": ["contains"],
    "language": ["eq", "neq", "contains", "regex"],
    "priority": ["eq", "neq", "gt", "gte", "lt", "lte"],
    "score": ["eq", "neq", "gt", "gte", "lt", "lte"],
    "vip": ["eq", "neq"],
    "since": ["eq", "neq", "gt", "gte", "lt", "lte"],
}


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    name = draw(st.sampled_from(sorted(FIELDS)))
    if draw(st.integers(0, 4)) == 0:
        return Condition(name, draw(st.sampled_from(["exists", "not_exists"])))
    operator = draw(st.sampled_from(COMPARISONS[name]))
    if operator == "regex":
        return Condition(name, "regex", draw(st.sampled_from(["^e", "n$", "[a-d]+", "Ü", "a.b"])))
    return Condition(name, operator, draw(LITERALS[name]))


EXPRESSIONS: st.SearchStrategy[Expression] = st.recursive(
    conditions(),
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(And, st.lists(inner, min_size=1, max_size=3).map(tuple))
        | st.builds(Or, st.lists(inner, min_size=1, max_size=3).map(tuple))
    ),
    max_leaves=6,
)


@st.composite
def rulesets(draw: st.DrawFn) -> Ruleset:
    rules = [
        Rule(f"r{n}", when, {"queue": f"q{n % 3}"}, draw(st.integers(0, 3)))
        for n, when in enumerate(draw(st.lists(EXPRESSIONS, min_size=1, max_size=6)))
    ]
    required = draw(st.sampled_from([(), ("language",), ("vip", "priority")]))
    return Ruleset("random", FIELDS, tuple(rules), required=required)


def expected(ruleset: Ruleset, records: list[Any]) -> Tally:
    """What the interpreter says, counted the plain way."""
    interpreter = Interpreter(ruleset)
    rules = ruleset.ordered()
    tally = Tally(len(rules))
    for record in records:
        tally.records += 1
        if interpreter.invalid(record) is not None:
            tally.invalid += 1
            continue
        winner = None
        for place, rule in enumerate(rules):
            if interpreter.matches(rule.when, record):
                tally.matched[place] += 1
                if winner is None:
                    winner = place
                    tally.won[place] += 1
                else:
                    tally.lost[place, winner] += 1
    return tally


def counted(tally: Tally) -> tuple[Any, ...]:
    return tally.records, tally.invalid, tally.matched, tally.won, tally.lost
