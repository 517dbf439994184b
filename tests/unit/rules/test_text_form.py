from decimal import Decimal

import pytest

from tieline.rules.model import And, Condition, Expression, Not, Or, Position
from tieline.rules.text_form import TextFault, parse_text
from tieline.rules.text_writer import write_text

A, B, C = Condition("a", "eq", 1), Condition("b", "eq", 2), Condition("c", "eq", 3)

READINGS = [
    ("and binds tighter than or", "a eq 1 or b eq 2 and c eq 3", Or((A, And((B, C))))),
    ("not binds tighter than and", "not a eq 1 and b eq 2", And((Not(A), B))),
    ("a parenthesis is a group", "(a eq 1 or b eq 2) and c eq 3", And((Or((A, B)), C))),
    ("a chain is one group", "a eq 1 and b eq 2 and c eq 3", And((A, B, C))),
    ("a chain of ors", "a eq 1 or b eq 2 or c eq 3", Or((A, B, C))),
    ("signs", "a == 1", A),
    ("tilde is regex", 'a ~ "x"', Condition("a", "regex", "x")),
    ("unequal sign", "a != 1", Condition("a", "neq", 1)),
    (
        "ordering signs",
        "a >= 1 and a <= 1",
        And((Condition("a", "gte", 1), Condition("a", "lte", 1))),
    ),
    (
        "existence",
        "exists a and not_exists b",
        And((Condition("a", "exists"), Condition("b", "not_exists"))),
    ),
    ("json escapes", r'a eq "\u00e9\n\""', Condition("a", "eq", 'é\n"')),
    ("big integers", f"a eq {2**70}", Condition("a", "eq", 2**70)),
    ("exact decimals", "a eq 0.10", Condition("a", "eq", Decimal("0.10"))),
    ("huge exponents", "a eq 1e400", Condition("a", "eq", Decimal("1e400"))),
    ("a value behind exists is kept for check", "exists a 5", Condition("a", "exists", 5)),
    ("double not", "not not a eq 1", Not(Not(A))),
    ("not before a parenthesis", "not (a eq 1 or b eq 2)", Not(Or((A, B)))),
    ("groups stay groups", "(a eq 1 and b eq 2) and c eq 3", And((And((A, B)), C))),
    ("and after or", "a eq 1 and b eq 2 or c eq 3", Or((And((A, B)), C))),
    ("or, and, or", "a eq 1 or b eq 2 and c eq 3 or a eq 1", Or((A, And((B, C)), A))),
    (
        "literals that are words",
        "a eq true or a eq false",
        Or((Condition("a", "eq", True), Condition("a", "eq", False))),
    ),
    ("null as literal", "a eq null", Condition("a", "eq", None)),
    (
        "words behind exists",
        "exists a true and exists b false",
        And((Condition("a", "exists", True), Condition("b", "exists", False))),
    ),
    ("text behind exists", 'exists a "x"', Condition("a", "exists", "x")),
    ("backquotes doubled in a name", "`a``b` eq 1", Condition("a`b", "eq", 1)),
    (
        "a reserved word as a name",
        "`and` eq 1 and exists `or`",
        And((Condition("and", "eq", 1), Condition("or", "exists"))),
    ),
    ("a name of other letters", "größe eq 1", Condition("größe", "eq", 1)),
    ("a name with a hyphen", "a-b eq -1", Condition("a-b", "eq", -1)),
    ("an exponent", "a eq 1e-3", Condition("a", "eq", Decimal("1e-3"))),
    ("a line break in a string", 'a eq "\\u000a"', Condition("a", "eq", "\n")),
    (
        "less and greater",
        "a < 1 and a > 1",
        And((Condition("a", "lt", 1), Condition("a", "gt", 1))),
    ),
    ("odd field names", "`my field` eq 1", Condition("my field", "eq", 1)),
    ("dotted field names", "Flow.x eq 1", Condition("Flow.x", "eq", 1)),
    ("line breaks are blanks", "a eq 1\r\n\tand b eq 2", And((A, B))),
]


@pytest.mark.parametrize(
    ("text", "expected"), [row[1:] for row in READINGS], ids=[row[0] for row in READINGS]
)
def test_text_is_read_as(text: str, expected: Expression) -> None:
    assert parse_text(text) == expected


@pytest.mark.parametrize("expected", [row[2] for row in READINGS], ids=[row[0] for row in READINGS])
def test_what_is_written_reads_back_equal(expected: Expression) -> None:
    assert parse_text(write_text(expected)) == expected


FAULTS = [
    ("empty", "", "syntax", 0),
    ("open parenthesis", "(a eq 1", "syntax", 0),
    ("stray parenthesis", "a eq 1)", "syntax", 6),
    ("no value", "a eq", "syntax", 4),
    ("no operator", "a 5", "syntax", 2),
    ("single quotes", "a eq 'x'", "syntax", 5),
    ("bare word", "a eq en", "syntax", 5),
    ("single equals sign", "a = 5", "syntax", 2),
    ("unclosed string", 'a eq "x', "syntax", 5),
    ("unknown escape", r'a eq "\q"', "syntax", 5),
    ("half of a surrogate pair", r'a eq "\ud800"', "syntax", 5),
    ("leading zero", "a eq 05", "syntax", 5),
    ("two conditions side by side", "a eq 1 b eq 2", "syntax", 7),
    ("eleven levels", "not " * 10 + "a eq 1", "depth-exceeded", 0),
    ("ten thousand nots", "not " * 10_000 + "a eq 1", "depth-exceeded", 39_960),
    ("ten thousand parentheses", "(" * 10_000, "syntax", 10_000),
]


@pytest.mark.parametrize(
    ("text", "code", "offset"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS]
)
def test_a_fault_has_its_place(text: str, code: str, offset: int) -> None:
    with pytest.raises(TextFault) as caught:
        parse_text(text)

    assert (caught.value.fault.code, caught.value.fault.offset) == (code, offset)


CAPITALS = [
    ("between conditions", 'a eq "x" AND b eq 1', "write `and`"),
    ("in front", "NOT a eq 1", "write `not`"),
    ("an operator", 'a EQ "x"', "write `eq`"),
    ("a value", "a eq True", "write `true`"),
]


@pytest.mark.parametrize(
    ("text", "hint"), [row[1:] for row in CAPITALS], ids=[row[0] for row in CAPITALS]
)
def test_a_reserved_word_in_capitals_is_told_in_small_letters(text: str, hint: str) -> None:
    with pytest.raises(TextFault) as caught:
        parse_text(text)

    assert caught.value.fault.hint == hint


OPERATORS = "operators are contains, eq, gt, gte, lt, lte, neq, regex"
RESERVED = "a reserved word as a field's name stands in backquotes"
SAID: list[tuple[str, int, str, str]] = [
    ("", 0, "expected a field's name, found the end", ""),
    ("a eq 1 and", 10, "expected a field's name, found the end", ""),
    ("exists 5", 7, "expected a field's name, found `5`", ""),
    ("`` eq 5", 0, "expected a field's name, found ````", ""),
    ("and eq 5", 0, "expected a field's name, found `and`", RESERVED),
    ("a eq", 4, "expected a value, found the end", ""),
    ("a eq (", 5, "expected a value, found `(`", ""),
    ("a eq en", 5, "expected a value, found `en`", 'text stands in double quotes: "en"'),
    (r'a eq "\q"', 5, "this string has an escape JSON does not know", r"write \\ for \ "),
    ("a eq 05", 5, "`05` is not a JSON number", ""),
    ("a 5", 2, "expected an operator behind `a`, found `5`", OPERATORS),
    ("a", 1, "expected an operator behind `a`, found the end", OPERATORS),
    ('a "eq" 5', 2, 'expected an operator behind `a`, found `"eq"`', OPERATORS),
    ("a is 5", 2, "expected an operator behind `a`, found `is`", "write `eq`"),
    ("a equals 5", 2, "expected an operator behind `a`, found `equals`", "write `eq`"),
    ("a in 5", 2, "expected an operator behind `a`, found `in`",
     "write one `eq` a value, joined by `or`"),
    ("a exists", 2, "expected an operator behind `a`, found `exists`", "write `exists a`"),
    ("a not_exists", 2, "expected an operator behind `a`, found `not_exists`",
     "write `not_exists a`"),
    ("NOT a eq 1", 4, "expected an operator behind `NOT`, found `a`", "write `not`"),
    ("a eq 1 AND b eq 2", 7, "expected `and`, `or` or the end, found `AND`", "write `and`"),
    ("a eq 1 OR b eq 2", 7, "expected `and`, `or` or the end, found `OR`", "write `or`"),
    ("a eq 1 b eq 2", 7, "expected `and`, `or` or the end, found `b`", ""),
    ('a eq 1 "and"', 7, 'expected `and`, `or` or the end, found `"and"`', ""),
    ("a eq 1)", 6, "this `)` closes nothing", ""),
    ("b eq 1 and ((a eq 1) or b eq 2", 11, "this `(` is never closed", ""),
    ('a eq "x', 5, "this string is never closed", ""),
    ("`a eq 1", 0, "this string is never closed", ""),
    ("a eq 'x'", 5, 'unexpected "\'"', 'text stands in double quotes: "…"'),
    ("a  =  5", 3, "unexpected '='", "use ==, !=, and, or, not"),
    ("a eq 1 \t\r\n&& b eq 2", 10, "unexpected '&'", "use ==, !=, and, or, not"),
    ("a eq 1 || b eq 2", 7, "unexpected '|'", "use ==, !=, and, or, not"),
    ("!a", 0, "unexpected '!'", "use ==, !=, and, or, not"),
    ("a eq #", 5, "unexpected '#'", ""),
    ("not " * 10 + "a eq 1", 0, "the condition is more than 10 levels deep",
     "split the rule in two"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "offset", "message", "hint"), SAID, ids=[row[2][:40] for row in SAID]
)
def test_a_fault_says_what_to_write_instead(
    text: str, offset: int, message: str, hint: str
) -> None:
    with pytest.raises(TextFault) as caught:
        parse_text(text)

    fault = caught.value.fault
    assert (fault.offset, fault.message, fault.hint) == (offset, message, hint)
    assert str(caught.value) == message


def test_every_node_knows_where_it_was_written() -> None:
    text = "a eq 1 and\n  not b eq 2 or\n(exists c 5)"

    either = parse_text(text)

    assert isinstance(either, Or)
    both, there = either.children
    assert isinstance(both, And)
    one, negated = both.children
    assert isinstance(negated, Not)
    places = [(node.at.line, node.at.column) for node in (one, negated, negated.child, there)]
    assert places == [(1, 1), (2, 3), (2, 7), (3, 2)]
    assert (either.at, both.at) == (one.at, one.at)
    assert one.at == Position("", 1, 1)


def test_a_group_that_is_too_deep_is_said_where_its_operator_stands() -> None:
    inner = "a eq 1"
    for _ in range(5):
        inner = f"(({inner} and a eq 1) or a eq 1)"

    with pytest.raises(TextFault) as caught:
        parse_text(inner)

    assert caught.value.fault.code == "depth-exceeded"
    assert inner[caught.value.fault.offset :].startswith("or")


def test_ten_levels_are_allowed() -> None:
    parse_text("not " * 9 + "a eq 1")


def test_parentheses_add_no_depth() -> None:
    assert parse_text("(" * 5_000 + "a eq 1" + ")" * 5_000) == A


def test_ten_thousand_terms_are_one_group() -> None:
    assert len(parse_text(" or ".join(["a eq 1"] * 10_000)).children) == 10_000
