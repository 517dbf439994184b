from decimal import Decimal

import pytest

from tieline.rules.model import And, Condition, Expression, Not, Or
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


def test_ten_levels_are_allowed() -> None:
    parse_text("not " * 9 + "a eq 1")


def test_parentheses_add_no_depth() -> None:
    assert parse_text("(" * 5_000 + "a eq 1" + ")" * 5_000) == A


def test_ten_thousand_terms_are_one_group() -> None:
    assert len(parse_text(" or ".join(["a eq 1"] * 10_000)).children) == 10_000
