"""Which text looks sensitive, whatever it is called: a shape decides for a part of a text.

Evidence must stay readable: identifiers of the platform, times, hashes, versions, paths and
addresses of machines are no shape.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

# Where a name is written before a value, inside of a text.
_VALUE = r"(?!\*{3}|\[[a-z]+:[0-9a-f]{12}\])"


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of sensitive text; where the pattern names a `part`, only that is sensitive.

    Text shorter than `least`, or with none of the `hints` in it, is not searched. `holds` refuses
    what only looks alike, such as an order number that is no card number.
    """

    kind: str
    pattern: re.Pattern[str]
    hints: tuple[str, ...]
    least: int = 8
    holds: Callable[[str], bool] = bool

    def suspects(self, text: str) -> bool:
        """False only where the pattern cannot match; costs a fraction of a search."""
        if len(text) < self.least:
            return False
        for hint in self.hints:  # noqa: SIM110  # any() takes four times as long
            if hint in text:
                return True
        return False


def luhn(digits: str) -> bool:
    """True for a number whose check digit is right (ISO/IEC 7812-1); separators are skipped."""
    numbers = [int(c) for c in digits if "0" <= c <= "9"]
    doubled = (sum(divmod(2 * n, 10)) for n in numbers[-2::-2])
    return bool(numbers) and (sum(numbers[-1::-2]) + sum(doubled)) % 10 == 0


def is_card(text: str) -> bool:
    """True for 13 to 19 digits that begin as cards do and whose check digit is right."""
    # Fillers such as 4444 4444 4444 4444 pass the check digit too.
    digits = [c for c in text if c.isdigit()]
    return _FEWEST_CARD <= len(digits) <= _MOST_CARD and luhn(text) and len(set(digits)) > 1


def _is_opaque(text: str) -> bool:
    """True for text of mixed case and digits that no words can be read from.

    A hash in hex, a long name, and ids that a name was put before are none.
    """
    rest = UUID.sub("", text)
    if not (re.search(r"\d", rest) and re.search("[A-Z]", rest) and re.search("[a-z]", rest)):
        return False
    runs = _RUN.findall(rest)
    return sum(map(len, runs)) < _LONGEST_MEAN_RUN * len(runs)


def _is_no_word(text: str) -> bool:
    """False for what follows `token:` in a sentence: `expired`, `Authentication`."""
    return not _PLAIN_WORD.fullmatch(text)


def _is_national(text: str) -> bool:
    return _FEWEST_NATIONAL <= sum(c.isdigit() for c in text) <= _MOST_NATIONAL


_FEWEST_CARD, _MOST_CARD = 13, 19
# Subscriber numbers with their trunk 0; a date and an hour have fewer or other digits.
_FEWEST_NATIONAL, _MOST_NATIONAL = 9, 12
# Random text changes between cases and digits after 1.6 characters in the mean, words after 4.
_LONGEST_MEAN_RUN = 3.0
_RUN = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
_PLAIN_WORD = re.compile(r"[A-Za-z]?[a-z]+[.!]?")
_UUID = "[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
UUID = re.compile(_UUID)

# In the order they are tried; what an earlier one took is no longer there for a later one.
SHAPES = (
    Shape(
        "credential",
        re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?P<part>.+?)(?:-----END|\Z)", re.DOTALL),
        ("PRIVATE KEY",),
    ),
    Shape("jwt", re.compile(r"\beyJ[\w-]{4,}(?:\.[\w-]*){2,4}"), ("eyJ",)),
    Shape(
        "credential",
        re.compile(r"(?i)(?<![a-z])(?:bearer|basic|digest) +(?P<part>[\w.~+/=-]{8,})"),
        ("earer ", "asic ", "igest ", "EARER ", "ASIC ", "IGEST "),
        13,
        _is_no_word,
    ),
    Shape("credential", re.compile(rf"://{_VALUE}(?P<part>[^\s/?#\"'<>]+)@"), ("://",)),
    Shape(
        "credential",
        re.compile(
            r"(?i)(?:passw(?:or)?d|passphrase|passcode|pwd|secret|(?:api|access|private)[ _-]?key)"
            rf"\s*:\s*{_VALUE}(?P<part>[^\s\"'&,;}}\[]{{3,}})"
        ),
        (":",),
    ),
    Shape(
        "credential",
        re.compile(
            rf"(?i)(?:token|authorization)\s*:\s*(?!bearer |basic |digest ){_VALUE}"
            r"(?P<part>(?:token +)?[^\s\"'&,;}\[]{3,})"
        ),
        (":",),
        9,
        _is_no_word,
    ),
    Shape(
        "credential", re.compile(rf"(?i)cookie\s*:\s*{_VALUE}(?P<part>[^\s\"'][^\r\n\"']*)"), (":",)
    ),
    Shape(
        "opaque",
        re.compile(
            r"(?<![A-Za-z0-9])(?:[spr]k_(?:live|test)_\w{8,}|gh[pousr]_\w{20,}|github_pat_\w{20,}"
            r"|xox[abeprs]-[\w-]{10,}|A[KS]IA[0-9A-Z]{16}(?![0-9A-Za-z])|AIza[\w-]{30,}"
            r"|glpat-[\w-]{16,}|whsec_[\w+/=]{8,})"
        ),
        ("k_", "gh", "xox", "IA", "AIza", "glpat-", "whsec_"),
        14,
    ),
    Shape("opaque", re.compile(r"(?<![\w-])[\w-]{40,}(?![\w-])"), ("",), 40, _is_opaque),
    Shape(
        "email",
        re.compile(
            r"(?i)[\w+][\w.+%'-]{0,63}(?:@|%40)(?:[\w-]+\.)+(?:xn--[a-z0-9-]+|[^\W\d_]{2,})"
        ),
        ("@", "%40"),
        6,
    ),
    Shape(
        "card",
        re.compile(
            rf"(?<![A-Za-z0-9.+])(?<!-[0-9A-Fa-f]{{4}}-)(?!{_UUID})"
            r"(?:(?:2[2-7]|3[04-9]|[4-6]\d)\d\d(?:[ -]{0,2}\d){9,15}"
            r"|[2-6]\d{3}(?P<dot>[./])\d{4}(?P=dot)\d{4}(?P=dot)\d{4})(?![A-Za-z0-9]|\.\d)"
        ),
        ("",),
        13,
        is_card,
    ),
    Shape(
        "phone",
        re.compile(
            r"(?<![A-Za-z.])\+[1-9](?:[ ./()-]{0,3}\d){6,14}(?![A-Za-z0-9])"
            r"|(?<![A-Za-z0-9.+-])00[2-9](?:[ ./()-]{0,3}\d){8,12}(?![A-Za-z0-9]|[.:-]\d)"
            r"|(?<![A-Za-z0-9.+-])(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}"
            r"(?![A-Za-z0-9-]|\.\d)"
        ),
        ("+", "00", "-", ".", " "),
        9,
    ),
    Shape(
        "phone",
        re.compile(
            r"(?<![A-Za-z0-9.+:/-])\(?0[1-9]\d{0,3}\)?(?:[ /-]{1,2}\d{2,8}){1,5}"
            r"(?![A-Za-z0-9]|[.:/-]\d)"
        ),
        ("0",),
        10,
        _is_national,
    ),
)

# A member of an object or an assignment inside of a text: its name decides, as a key does. With
# `esc` the object was written into a string: its quotes are escaped.
NAMED_IN_TEXT = re.compile(
    rf"""
    (?P<esc>\\+)?(?P<q>["'])(?P<member>[\w.\- ]{{2,64}})\\*(?P=q)\s*[:=]\s*
      (?:\\*(?P=q){_VALUE}(?P<text>(?(esc)[^\\]+|(?:\\.|(?!(?P=q))[^\\])+))
        |(?P<number>-?\d[\d.]*))
    |(?<![\w.-])(?P<name>[\w.\-\[\]]{{2,64}})=
      (?:"{_VALUE}(?P<quoted>[^"]+)"|{_VALUE}(?P<bare>[^\s&;,"'<>)}}\]\[]+))
    """,
    re.VERBOSE,
)
NAMED_HINTS = ("=", '":', "':", '" :', "' :")
VALUE_GROUPS = ("text", "number", "quoted", "bare")

# Every shape but the first three needs one of these characters, and those need a space or `eyJ`:
# most words are done after one search.
TELLTALE = re.compile(r"[0-9@:=_\u0080-\U0010ffff]")
WITHOUT_TELLTALE = SHAPES[:3]

# The commonest texts there are, and never sensitive: identifiers, times, paths of the platform.
HARMLESS = re.compile(
    rf"(?:custom_-_)?{_UUID}"
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?"
    rf"|(?:/(?:(?:custom_-_)?{_UUID}|[a-z][a-z_-]{{0,31}}\d?))+"
)

# One character for one, so that a place in the folded text is the same place in the original.
FOLDED = str.maketrans({
    **{0xFF10 + n: str(n) for n in range(10)},  # digits of full width
    **{0x660 + n: str(n) for n in range(10)}, **{0x6F0 + n: str(n) for n in range(10)},  # Arabic
    **dict.fromkeys((0xA0, 0x2007, 0x2009, 0x202F, 0x3000), " "),
    **dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2212, 0xFF0D), "-"),
    0xFF20: "@", 0xFE6B: "@", 0xFF0E: ".", 0xFF0B: "+", 0xFF1A: ":", 0xFF1D: "=",
})  # fmt: skip
