"""The search over automata against RE2 itself."""

import itertools

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st
from sampling import examples

from tieline.rules.regex_literal import anchored_literal
from tieline.rules.verify.domain import Undecided
from tieline.rules.verify.text_search import TextQuery, find_text

ATOMS = st.sampled_from(
    [
        "a",
        "b",
        "-",
        ".",
        "[ab]",
        "[^a]",
        r"\d",
        r"\D",
        r"\w",
        "^",
        "$",
        "(?i:A)",
        r"\.",
        "[[:upper:]]",
    ]
)
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "*?"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
    ),
    max_leaves=6,
)
TEXTS = ["".join(parts) for size in range(4) for parts in itertools.product("abA1-\n", repeat=size)]


@given(st.lists(st.tuples(PATTERNS, st.booleans()), min_size=1, max_size=3))
@examples(300)
def test_a_text_found_is_one_and_none_means_there_is_none(patterns: list[tuple[str, bool]]) -> None:
    compiled = [(re2.compile(pattern), has) for pattern, has in patterns]

    def fits(text: str) -> bool:
        return all((one.search(text) is not None) == has for one, has in compiled)

    found = find_text(TextQuery(patterns=tuple(patterns)))

    if found is None:
        assert not any(fits(text) for text in TEXTS)
    else:
        assert fits(found)


QUERIES = [
    ("shortest", TextQuery(patterns=(("a+b", True),)), "ab"),
    ("both substrings", TextQuery(substrings=(("abc", True), ("bcd", True))), "abcd"),
    ("excluded", TextQuery(patterns=(("^a?$", True),), excluded=frozenset({""})), "a"),
    ("all excluded", TextQuery(patterns=(("^a?$", True),), excluded=frozenset({"", "a"})), None),
    ("too short", TextQuery(patterns=(("^a*$", True),), shortest=3), "aaa"),
    ("too long", TextQuery(substrings=(("abcd", True),), longest=3), None),
    ("contradiction", TextQuery(substrings=(("ab", True), ("a", False))), None),
    ("edges", TextQuery(patterns=(("^$", True),)), ""),
    ("end before start", TextQuery(patterns=(("$^", True),)), ""),
    ("beyond ASCII", TextQuery(patterns=(("^[^ -~]$", True), ("é", True))), "é"),
    ("dot is no newline", TextQuery(patterns=(("^.$", False), ("^(?s:.)$", True))), "\n"),
    ("the empty text is everywhere", TextQuery(substrings=(("", False),), longest=2), None),
]


@pytest.mark.parametrize(
    ("query", "expected"), [row[1:] for row in QUERIES], ids=[row[0] for row in QUERIES]
)
def test_find(query: TextQuery, expected: str | None) -> None:
    assert find_text(query) == expected


UNREAD = [r"\bword\b", r"\pL", "(?m)^a$", r"(?i)é", "a{500}", r"(?i)\w"]


@pytest.mark.parametrize("pattern", UNREAD)
def test_what_cannot_be_read_is_undecided(pattern: str) -> None:
    with pytest.raises(Undecided):
        find_text(TextQuery(patterns=((pattern, True),)))


def test_a_search_ends_with_its_time() -> None:
    patterns = tuple((f"{letter}.{{60}}x", True) for letter in "abcdefgh")

    with pytest.raises(Undecided, match="the time budget ran out"):
        find_text(TextQuery(patterns=patterns, longest=70), expired=lambda: True)


def test_a_product_that_is_too_large_is_undecided() -> None:
    patterns = tuple((f"{letter}.{{60}}x", True) for letter in "abcdefgh")

    with pytest.raises(Undecided):
        find_text(TextQuery(patterns=patterns, longest=70))


LITERALS = [
    ("^ab", ("start", "ab")),
    ("ab$", ("end", "ab")),
    ("^ab$", ("both", "ab")),
    (r"^a\.b", ("start", "a.b")),
    ("ab", None),
    ("^a.b", None),
    ("^a|b$", None),
    ("^$", ("both", "")),
    ("^", None),
    (r"^\bx", None),
]


@pytest.mark.parametrize(("pattern", "expected"), LITERALS)
def test_the_anchored_literals_a_decision_table_can_say(
    pattern: str, expected: tuple[str, str] | None
) -> None:
    assert anchored_literal(pattern) == expected
