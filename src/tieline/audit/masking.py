"""Masking: nothing personal and no credential gets past here, and records still join.

A personal value becomes a pseudonym, `[email:3f9a12c4d0e1]`: the kind, and the start of an HMAC
under the log's key. The same value gives the same pseudonym in every record, and without the key
nobody can test a guess. A credential becomes `***`. JSON inside of a text is masked as JSON.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from typing import Any
from urllib.parse import unquote

import orjson

from tieline.audit.canonical import canonical_json
from tieline.audit.declared import Path, with_declared
from tieline.audit.keyed import Keyed
from tieline.audit.sensitive import Verdict, judge_names
from tieline.audit.shapes import (
    FOLDED,
    HARMLESS,
    NAMED_HINTS,
    NAMED_IN_TEXT,
    SHAPES,
    TELLTALE,
    VALUE_GROUPS,
    WITHOUT_TELLTALE,
    Shape,
    is_card,
)
from tieline.types import Json

REMOVED = "***"

# 12 hex digits: two among a million distinct values of one kind meet by chance once in 560 logs.
_PSEUDONYM_DIGITS = 12
_MASKED = re.compile(r"\[[a-z]+:[0-9a-f]{12}\]")

# Nothing shorter matches a shape: `a@b.co`, `pin=12`.
_SHORTEST = 6

_PLAIN_KINDS = frozenset({int, float, bool, type(None)})

# A card number that arrived as a JSON number rather than a string.
_CARD_NUMBERS = range(10**12, 10**19)


class Masker:
    """Masks JSON values and free text. Pure given its key; use one from any task or thread.

    `personal` and `plain` extend and trim the built-in key names, in any spelling: `Loyalty-No`,
    `loyaltyNo` and `loyalty_no` are one name.
    """

    def __init__(
        self, key: bytes, *, personal: Iterable[str] = (), plain: Iterable[str] = ()
    ) -> None:
        self._keyed = Keyed(key)
        self._verdict = judge_names(personal=personal, plain=plain)
        # A key may itself be data, such as an object indexed by e-mail address.
        self._known: Callable[[str], tuple[str, Verdict]] = lru_cache(maxsize=4096)(
            lambda name: (self.scrub(name), self._verdict(name))
        )

    def mask(self, value: Json, *, declared: Iterable[Path] = ()) -> Json:
        """A masked copy of a JSON value; what holds nothing sensitive is equal to the original.

        `declared` are the fields a model marks as personal (`declared_personal`).
        """
        masked = self._mask(value)
        return with_declared(masked, declared, self._personal_value) if declared else masked

    def scrub(self, text: str) -> str:
        """A masked copy of free text: only the sensitive parts of it are replaced."""
        if len(text) < _SHORTEST:
            return text
        if not TELLTALE.search(text):
            return self._scrub(text, WITHOUT_TELLTALE) if " " in text or "eyJ" in text else text
        if HARMLESS.fullmatch(text):
            return text
        if text[0] in "{[" and text[-1] in "}]":
            masked = self._mask_json(text)
            if masked is not None:
                return masked
        if text.isascii():
            return self._scrub(self._scrub_named(text), SHAPES)
        folded = text.translate(FOLDED)
        scrubbed = self._scrub(self._scrub_named(folded), SHAPES)
        return text if scrubbed == folded else scrubbed

    def pseudonym(self, value: Json, *, kind: str = "personal") -> str:
        """The stand-in of a value: equal for equal values, of any type, under one key."""
        if type(value) is str:
            content = value.encode("utf-8", "surrogatepass")
        else:
            content = canonical_json(value)
        return f"[{kind}:{self._keyed.hex(content)[:_PSEUDONYM_DIGITS]}]"

    def _mask(self, value: Json) -> Json:
        kind = type(value)
        if kind is str:
            return self.scrub(value)
        if kind is dict:
            return self._mask_object(value)
        if kind is list or kind is tuple:
            return [self._mask(item) for item in value]
        if kind is int and value in _CARD_NUMBERS and _is_card_number(value):
            return self.pseudonym(str(value), kind="card")
        return value if kind in _PLAIN_KINDS else self._mask_rare(value)

    def _mask_rare(self, value: Json) -> Json:
        """Strings, mappings and lists of kinds of their own, which take longer to tell apart."""
        if isinstance(value, str):
            return self.scrub(str(value))
        if isinstance(value, Mapping):
            return self._mask_object(value)
        return [self._mask(item) for item in value] if isinstance(value, list | tuple) else value

    def _mask_object(self, value: Mapping[Any, Json]) -> Json:
        masked = {}
        for key, item in value.items():
            name, verdict = self._known(key) if type(key) is str else (key, "plain")
            if verdict == "plain" or item is None or item is True or item is False:
                masked[name] = self._mask(item)
            elif verdict == "credential":
                masked[name] = REMOVED
            else:
                masked[name] = self._personal_value(item)
        return masked

    def _mask_json(self, text: str) -> str | None:
        """The text, masked as the JSON it holds; None where it holds none."""
        try:
            value = orjson.loads(text)
            masked = self._mask(value)
        except (orjson.JSONDecodeError, RecursionError):
            return None
        return text if masked == value else orjson.dumps(masked).decode()

    def _personal_value(self, value: Json) -> Json:
        if type(value) is str and (not value or _MASKED.fullmatch(value)):
            return value
        return self.pseudonym(value)

    def _scrub(self, text: str, shapes: Iterable[Shape]) -> str:
        for shape in shapes:
            if shape.suspects(text):
                text = shape.pattern.sub(partial(self._part, shape), text)
        return text

    def _scrub_named(self, text: str) -> str:
        if any(map(text.__contains__, NAMED_HINTS)):
            return NAMED_IN_TEXT.sub(self._named, text)
        return text

    def _named(self, found: re.Match[str]) -> str:
        verdict = self._verdict(found["member"] or found["name"])
        if verdict == "plain":
            return found[0]
        group = next(name for name in VALUE_GROUPS if found[name] is not None)
        part = found[group]
        stand_in = REMOVED if verdict == "credential" else self.pseudonym(unquote(part))
        return _replaced(found, group, stand_in)

    def _part(self, shape: Shape, found: re.Match[str]) -> str:
        group = "part" if "part" in found.re.groupindex else 0
        part = found[group]
        if not shape.holds(part):
            return found[0]
        stand_in = REMOVED
        if shape.kind != "credential":
            stand_in = self.pseudonym(_same(shape.kind, part), kind=shape.kind)
        return _replaced(found, group, stand_in)


def _replaced(found: re.Match[str], group: str | int, stand_in: str) -> str:
    """The match with one of its groups replaced."""
    start, end = found.start(group) - found.start(), found.end(group) - found.start()
    return found[0][:start] + stand_in + found[0][end:]


def _same(kind: str, text: str) -> str:
    """One spelling for values that people write in several."""
    if kind in {"card", "phone"}:
        return "".join(c for c in text if c.isdigit() or c == "+")
    return text.lower().replace("%40", "@") if kind == "email" else text


def _is_card_number(value: int) -> bool:
    text = str(value)
    return text[0] in "23456" and is_card(text)
