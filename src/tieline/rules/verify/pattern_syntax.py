r"""The part of RE2's syntax whose meaning verification can compute with.

Understood: literals, escapes, classes (Perl's, POSIX, ranges), `.`, groups, alternation, `* + ?`
and counted repetition (greedy or not is one to a search), `^ $ \A \z`, and the flags `i` (for
ASCII text) and `s`. Anything else, `\b` and Unicode classes first of all, is `Undecided`.
"""

from dataclasses import dataclass
from typing import NoReturn

from tieline.rules.verify.character_ranges import PERL, POSIX, Range, complement, folded, merged
from tieline.rules.verify.domain import Undecided

_CONTROL = {"n": 10, "t": 9, "r": 13, "f": 12, "v": 11, "a": 7}
# Counted repetition is written out; RE2 itself stops at 1,000.
_MOST_COPIES = 200
_DEEPEST = 50


@dataclass(frozen=True, slots=True)
class Characters:
    """One character out of sorted, disjoint ranges."""

    ranges: tuple[Range, ...]


@dataclass(frozen=True, slots=True)
class Sequence:
    """One part after the other; empty for the empty text."""

    parts: tuple["Pattern", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Any one of the parts."""

    parts: tuple["Pattern", ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """From `least` to `most` times; None is any number."""

    part: "Pattern"
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Edge:
    """The start or the end of the text."""

    start: bool


Pattern = Characters | Sequence | Choice | Repeat | Edge


def parse_pattern(text: str) -> Pattern:
    """Read a pattern RE2 has accepted.

    Raises:
        Undecided: it uses more than this module understands.
    """
    reader = _Reader(text)
    pattern = reader.choice(0)
    if reader.at != len(text):
        reader.give_up("an unmatched `)`")
    return pattern


def literal_pattern(text: str) -> Pattern:
    """The text itself."""
    return Sequence(tuple(Characters(((ord(one), ord(one)),)) for one in text))


class _Reader:
    """Recursive descent over at most _DEEPEST groups."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.fold = False  # (?i)
        self.dot_all = False  # (?s)

    def give_up(self, what: str) -> NoReturn:
        """The pattern is beyond this reader."""
        raise Undecided(f"the pattern {self.text!r} has {what}, which is not decided")

    def peek(self, text: str) -> bool:
        """Whether the text comes next; it is then passed."""
        if self.text.startswith(text, self.at):
            self.at += len(text)
            return True
        return False

    def choice(self, depth: int) -> Pattern:
        """Alternatives up to the end or a closing parenthesis; flags end with the group."""
        if depth > _DEEPEST:
            self.give_up("deep nesting")
        fold, dot_all = self.fold, self.dot_all
        parts = [self.sequence(depth)]
        while self.peek("|"):
            parts.append(self.sequence(depth))
        self.fold, self.dot_all = fold, dot_all
        return parts[0] if len(parts) == 1 else Choice(tuple(parts))

    def sequence(self, depth: int) -> Pattern:
        """Repeated atoms, one after the other."""
        parts: list[Pattern] = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            atom = self.atom(depth)
            if atom is not None:
                parts.append(self.repeated(atom))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def repeated(self, atom: Pattern) -> Pattern:
        """The atom with the repetition operators behind it."""
        while self.at < len(self.text):
            if self.peek("*"):
                atom = Repeat(atom, 0, None)
            elif self.peek("+"):
                atom = Repeat(atom, 1, None)
            elif self.peek("?"):
                atom = Repeat(atom, 0, 1)
            elif self.text[self.at] == "{" and (counts := self.counts()) is not None:
                atom = Repeat(atom, *counts)
            else:
                break
            self.peek("?")  # reluctant: finds another match, never another answer
        return atom

    def counts(self) -> tuple[int, int | None] | None:
        """`{2}`, `{2,}`, `{2,5}`; anything else in braces is literal text."""
        end = self.text.find("}", self.at)
        inner = self.text[self.at + 1 : end] if end > 0 else ""
        low, comma, high = inner.partition(",")
        if not (low.isascii() and low.isdigit()) or (
            high and not (high.isascii() and high.isdigit())
        ):
            return None
        self.at = end + 1
        least = int(low)
        most = int(high) if high else None if comma else least
        if max(least, most or 0) > _MOST_COPIES:
            self.give_up(f"more than {_MOST_COPIES} repetitions")
        return least, most

    def atom(self, depth: int) -> Pattern | None:
        """One character, class, edge or group; None for a flag setting."""
        character = self.text[self.at]
        self.at += 1
        match character:
            case "(":
                return self.group(depth)
            case "[":
                return self.bracket()
            case ".":
                gaps = () if self.dot_all else ((10, 10),)
                return Characters(complement(gaps))
            case "^":
                return Edge(start=True)
            case "$":
                return Edge(start=False)
            case "\\":
                return self.escape()
            case _:
                return self.character(ord(character))

    def group(self, depth: int) -> Pattern | None:
        """A group, capturing or not, or a flag setting for the rest of the group around."""
        if self.peek("?"):
            if self.peek("P<") or self.peek("<"):
                self.at = self.text.index(">", self.at) + 1
            else:
                flags = ""
                while self.at < len(self.text) and self.text[self.at] not in ":)":
                    flags += self.text[self.at]
                    self.at += 1
                if self.peek(")"):
                    self.set_flags(flags)
                    return None
                self.at += 1
                fold, dot_all = self.fold, self.dot_all
                self.set_flags(flags)
                inner = self.choice(depth + 1)
                self.fold, self.dot_all = fold, dot_all
                return self.closed(inner)
        return self.closed(self.choice(depth + 1))

    def closed(self, inner: Pattern) -> Pattern:
        """The group, once its parenthesis is passed."""
        if not self.peek(")"):
            self.give_up("an unclosed group")
        return inner

    def set_flags(self, flags: str) -> None:
        """`i` and `s`; `U` changes no answer."""
        value = True
        for flag in flags:
            if flag == "-":
                value = False
            elif flag == "i":
                self.fold = value
            elif flag == "s":
                self.dot_all = value
            elif flag != "U":
                self.give_up(f"the flag `{flag}`")

    def escape(self) -> Pattern:
        """What stands behind a backslash outside a class."""
        character = self.text[self.at]
        if character == "A":
            self.at += 1
            return Edge(start=True)
        if character == "z":
            self.at += 1
            return Edge(start=False)
        if character == "Q":
            self.at += 1
            end = self.text.find("\\E", self.at)
            quoted = self.text[self.at :] if end < 0 else self.text[self.at : end]
            self.at = len(self.text) if end < 0 else end + len("\\E")
            if len(quoted) != 1:  # a repetition behind \E would take the last character only
                return Sequence(tuple(self.character(ord(one)) for one in quoted))
            return self.character(ord(quoted))
        ranges = self.class_escape()
        if ranges is not None:
            return Characters(ranges)
        return self.character(self.code())

    def class_escape(self) -> tuple[Range, ...] | None:
        r"""`\d`, `\W` and the like."""
        character = self.text[self.at]
        if character.lower() not in PERL:
            return None
        if self.fold:
            self.give_up(f"`\\{character}` regardless of case")
        self.at += 1
        ranges = PERL[character.lower()]
        return ranges if character.islower() else complement(ranges)

    def code(self) -> int:
        """A character escape: control, octal, hexadecimal, or punctuation itself."""
        character = self.text[self.at]
        self.at += 1
        if character in _CONTROL:
            return _CONTROL[character]
        if character == "x":
            if self.peek("{"):
                end = self.text.index("}", self.at)
                code = int(self.text[self.at : end], 16)
                self.at = end + 1
                return code
            self.at += 2
            return int(self.text[self.at - 2 : self.at], 16)
        if character.isalnum() or character == "_":
            self.give_up(f"`\\{character}`")
        return ord(character)

    def bracket(self) -> Pattern:
        """A class in brackets."""
        negative = self.peek("^")
        ranges: list[Range] = []
        first = True
        while first or not self.peek("]"):
            if self.at >= len(self.text):
                self.give_up("an unclosed class")
            first = False
            ranges.extend(self.member())
        members = self.both_cases(tuple(merged(ranges)))
        return Characters(complement(members) if negative else members)

    def member(self) -> tuple[Range, ...]:
        """A range, a character or a named class inside brackets."""
        if self.peek("[:"):
            end = self.text.index(":]", self.at)
            name = self.text[self.at : end]
            self.at = end + len(":]")
            ranges = POSIX.get(name.removeprefix("^"))
            if ranges is None:
                self.give_up(f"the class {name}")
            return complement(ranges) if name.startswith("^") else ranges
        if self.text[self.at] == "\\":
            self.at += 1
            ranges = self.class_escape()
            if ranges is not None:
                return ranges
            low = self.code()
        else:
            low = ord(self.text[self.at])
            self.at += 1
        if self.text[self.at : self.at + 1] == "-" and self.text[self.at + 1 : self.at + 2] != "]":
            self.at += 1
            if self.peek("\\"):
                return ((low, self.code()),)
            self.at += 1
            return ((low, ord(self.text[self.at - 1])),)
        return ((low, low),)

    def character(self, code: int) -> Characters:
        """One character, in both cases under the flag `i`."""
        return Characters(self.both_cases(((code, code),)))

    def both_cases(self, ranges: tuple[Range, ...]) -> tuple[Range, ...]:
        """The ranges, under the flag `i` with the other case of every letter."""
        if not self.fold:
            return ranges
        found = folded(ranges)
        return found or self.give_up("a case-insensitive character beyond ASCII")
