"""The patterns verification computes with mean what RE2 says, construct by construct."""

import itertools

import pytest
import re2

from tieline.rules.verify.automaton import Automaton
from tieline.rules.verify.domain import Undecided
from tieline.rules.verify.pattern_syntax import (
    Characters,
    Choice,
    Edge,
    Repeat,
    Sequence,
    literal_pattern,
    parse_pattern,
)

CHARACTERS = "abABdDQ0157_ .-]^|{},:=\n\t\x07\x7fé"
TEXTS = [
    *("", *CHARACTERS),
    *("".join(pair) for pair in itertools.product("abAB1-.", repeat=2)),
    *("".join(three) for three in itertools.product("abA", repeat=3)),
    *("a.b", "a+b", "a{2", "a{2}", "a{,2}", "ab.ab", "aaaaa", "aaaaaa", "x{41}", "Q.E", "\\E"),
]
PATTERNS = [
    "", "a", "ab", "a|b", "a|", "|a", "^a", "a$", "^$", "^a|b$", "a^", "$a", "^^a$$",
    "a*b", "^a+$", "^ab?$", "^a*?b$", "^a+?$", "^a??b$",
    "^a{2}$", "^a{2,}$", "^a{2,3}$", "^a{0}b$", "^a{0,1}$", "^(?:ab){2}$", "^a{2,3}?$",
    "a{", "a{2", "a{,2}", "a{b}", "^a{}$",
    "^.$", "(?s)^.$", "^(?s:.)$", "(?s:.)a.", "(?-s)^.$", "(?s-s)^.$", "^(?-s:.)$",
    "(a)", "(a|b)A", "(?:a|b)A", "(?P<name>a|b)A", "(?<name>a|b)A", "(?P<n>a)(?P<m>b)A",
    "((a)(b))", "(?:)", "()a", "(a*)(b*)A",
    "(?i)a", "(?i)AB", "(?i:a)b", "(?i:a)B", "(a(?i)b)a", "a(?i)b|a", "(?i)a|b", "(?i-i)a",
    "(?U)a+b", "(?iU)a", "(?i)-", "(?i)[a-b]", "(?i)[^a]", "(?i)[A-B1]", "(?-i:a)", "(?i)a(?-i)b",
    r"\.", r"\\E", r"\-", r"\|", r"\{", r"\n", r"\t", r"\a", r"\x41", r"\x{41}", r"\x{000041}b",
    r"\x7f", r"\x0a", r"\xe9", r"a\x41b",
    r"\Aa", r"a\z", r"\Aab\z", r"b\A", r"\za",
    r"\Qa.b\E", r"\Qa.b", r"\Qa\Eb", r"\Q\Ea", r"\Qab\E.", r"^\Qa\E+$", r"\Q.\E",
    r"\d", r"\D", r"^\w$", r"^\W$", r"^\s$", r"^\S$", r"a\db", r"^[\d]$", r"^[\Da]$", r"^[\w-]$",
    "[a]", "[ab]A", "[^a]", "^[a-b]$", "^[^a-b]$", "[]]", "[^]]", "[]a]", "^[a-]$", "^[-a]$",
    "^[a^]$", "[.]", r"[\]]", r"[\-]", r"^[a\-b]$", r"^[\x41-\x42]$", r"^[A-\x42]$", r"^[0-1_]$",
    r"[\n]", "^[[:alpha:]]$", "^[[:^alpha:]]$", "^[[:digit:][:upper:]]$", "^[^[:space:]]$",
    "^[[:word:]]$", "^[[:punct:]]$", "^[[:lower:]-]$", "^[é]$", "é", "^[^é]$",
]  # fmt: skip


def in_machine(machine: Automaton, text: str) -> bool:
    state = machine.start
    for character in text:
        state = machine.step(state, ord(character))
    return machine.accepts(state)


@pytest.mark.parametrize("pattern", PATTERNS, ids=[f"{n}" for n in range(len(PATTERNS))])
def test_a_pattern_is_found_where_re2_finds_it(pattern: str) -> None:
    machine, compiled = Automaton(parse_pattern(pattern)), re2.compile(pattern)

    wrong = [
        text for text in TEXTS if in_machine(machine, text) != (compiled.search(text) is not None)
    ]

    assert wrong == [], pattern


A, B = Characters(((97, 97),)), Characters(((98, 98),))


def test_a_pattern_is_read_into_its_parts() -> None:
    assert parse_pattern("a") == A
    assert parse_pattern("") == Sequence(())
    assert parse_pattern("ab") == literal_pattern("ab") == Sequence((A, B))
    assert parse_pattern("a|b") == Choice((A, B))
    assert parse_pattern("a*") == Repeat(A, 0, None)
    assert parse_pattern("a+") == Repeat(A, 1, None)
    assert parse_pattern("a?") == Repeat(A, 0, 1)
    assert parse_pattern("a{2,5}") == Repeat(A, 2, 5)
    assert parse_pattern("a{200}") == Repeat(A, 200, 200)
    assert parse_pattern("^$") == Sequence((Edge(start=True), Edge(start=False)))


NOT = "which is not decided"
UNREAD = [
    (r"\bword", r"the pattern '\\bword' has `\b`, which is not decided"),
    (r"\pL", r"the pattern '\\pL' has `\p`, which is not decided"),
    ("(?m)^a$", "the pattern '(?m)^a$' has the flag `m`, which is not decided"),
    ("a{201}", "the pattern 'a{201}' has more than 200 repetitions, which is not decided"),
    ("a{1,201}", "the pattern 'a{1,201}' has more than 200 repetitions, which is not decided"),
    (r"(?i)\w", r"the pattern '(?i)\\w' has `\w` regardless of case, which is not decided"),
    ("(?i)é", f"the pattern '(?i)é' has a case-insensitive character beyond ASCII, {NOT}"),
    (r"[[:alpha:]\pL]", r"the pattern '[[:alpha:]\\pL]' has `\p`, which is not decided"),
    ("(" * 51 + ")" * 51, f"the pattern '{'(' * 51 + ')' * 51}' has deep nesting, {NOT}"),
    ("a)", "the pattern 'a)' has an unmatched `)`, which is not decided"),
    ("(a", "the pattern '(a' has an unclosed group, which is not decided"),
    ("[a", "the pattern '[a' has an unclosed class, which is not decided"),
    ("[[:odd:]]", "the pattern '[[:odd:]]' has the class odd, which is not decided"),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "reason"), UNREAD, ids=[f"{n}" for n in range(len(UNREAD))])
def test_what_is_beyond_the_reader_is_undecided_and_named(pattern: str, reason: str) -> None:
    with pytest.raises(Undecided) as caught:
        parse_pattern(pattern)

    assert str(caught.value) == reason


def test_fifty_groups_within_each_other_are_read() -> None:
    assert parse_pattern("(" * 50 + "a" + ")" * 50) == A


def test_a_machine_that_would_be_too_large_is_undecided() -> None:
    with pytest.raises(Undecided, match="a pattern is too large to be decided"):
        Automaton(parse_pattern("(?:(?:a{20}){20}){20}"))
