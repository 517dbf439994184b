"""Masking: nothing personal and no credential gets past here, and records still join.

A personal value becomes a pseudonym, `[email:3f9a12c4d0e1]`: the kind, and the start of an HMAC
under the log's key. The same value gives the same pseudonym in every record, and without the key
nobody can test a guess. A credential becomes `***`.
"""

import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from typing import Any, Literal

from tieline.audit.canonical import canonical_json
from tieline.audit.sensitive import (
    CREDENTIAL_ENDINGS,
    CREDENTIAL_NAMES,
    IDENTIFIER,
    PERSONAL_ENDINGS,
    PERSONAL_NAMES,
    SHAPES,
    TELLTALE,
    WITHOUT_TELLTALE,
    Shape,
    luhn,
)
from tieline.types import Json

REMOVED = "***"

Path = tuple[str, ...]
"""Where a declared field sits: keys from the top, `*` for any item of an array."""

Verdict = Literal["credential", "personal", "plain"]

# 12 hex digits: two among a million distinct values of one kind meet by chance once in 560 logs.
_PSEUDONYM_DIGITS = 12
_MASKED = re.compile(r"\[[a-z]+:[0-9a-f]{12}\]")

# The shortest text a shape can match, an e-mail address apart: a telephone number.
_SHORTEST = 8

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
        self._key = key
        self._personal = PERSONAL_NAMES.union(map(_bare, personal))
        self._plain = frozenset(map(_bare, plain))
        # Keys recur in every record; a bounded memory, because keys come from outside too.
        self._verdict: Callable[[str], Verdict] = lru_cache(maxsize=4096)(self._judge)

    def mask(self, value: Json, *, declared: Iterable[Path] = ()) -> Json:
        """A masked copy of a JSON value; what holds nothing sensitive is equal to the original.

        `declared` are the fields a model marks as personal (`declared_personal`).
        """
        masked = self._mask(value)
        for path in declared:
            masked = self._mask_at(masked, path)
        return masked

    def scrub(self, text: str) -> str:
        """A masked copy of free text: only the sensitive parts of it are replaced."""
        if (len(text) < _SHORTEST and "@" not in text) or IDENTIFIER.fullmatch(text):
            return text
        shapes = SHAPES if TELLTALE.search(text) else WITHOUT_TELLTALE
        for shape in shapes:
            if shape.suspects(text):
                text = shape.pattern.sub(partial(self._part, shape), text)
        return text

    def pseudonym(self, value: Json, *, kind: str = "personal") -> str:
        """The stand-in of a value: equal for equal values, of any type, under one key."""
        content = value.encode("utf-8", "surrogatepass") if type(value) is str else None
        if content is None:
            content = canonical_json(value)
        digest = hmac.digest(self._key, content, "sha256")
        return f"[{kind}:{digest.hex()[:_PSEUDONYM_DIGITS]}]"

    def _mask(self, value: Json) -> Json:
        match value:
            case str():
                return self.scrub(value)
            case dict():
                return {self._key_text(k): self._under(k, item) for k, item in value.items()}
            case list() | tuple():
                return [self._mask(item) for item in value]
            case int() if value in _CARD_NUMBERS and _looks_like_card(value):
                return self.pseudonym(str(value), kind="card")
        return value

    def _key_text(self, key: Any) -> Any:
        """A key may itself be data, such as an object indexed by e-mail address."""
        return self.scrub(key) if type(key) is str else key

    def _under(self, key: Any, value: Json) -> Json:
        verdict = self._verdict(key) if type(key) is str else "plain"
        if verdict == "plain" or value is None or isinstance(value, bool):
            return self._mask(value)
        if verdict == "credential":
            return REMOVED
        return self._personal_value(value)

    def _personal_value(self, value: Json) -> Json:
        if isinstance(value, str) and (not value or _MASKED.fullmatch(value)):
            return value
        return self.pseudonym(value)

    def _mask_at(self, value: Json, path: Path) -> Json:
        if not path:
            return value if value is None else self._personal_value(value)
        step, rest = path[0], path[1:]
        if step == "*" and isinstance(value, list):
            return [self._mask_at(item, rest) for item in value]
        if step == "*" and isinstance(value, dict):
            return {key: self._mask_at(item, rest) for key, item in value.items()}
        if isinstance(value, dict) and step in value:
            return {**value, step: self._mask_at(value[step], rest)}
        return value

    def _part(self, shape: Shape, found: re.Match[str]) -> str:
        group = found.re.groups and 1
        part = found[group]
        if not shape.holds(part):
            return found[0]
        stand_in = REMOVED
        if shape.kind != "credential":
            stand_in = self.pseudonym(_same(shape.kind, part), kind=shape.kind)
        return found[0].replace(part, stand_in) if group else stand_in

    def _judge(self, key: str) -> Verdict:
        bare = _bare(key)
        if bare in self._plain:
            return "plain"
        if bare in CREDENTIAL_NAMES or bare.endswith(CREDENTIAL_ENDINGS):
            return "credential"
        if bare in self._personal or bare.endswith(PERSONAL_ENDINGS):
            return "personal"
        return "plain"


def declared_personal(schema: Mapping[str, Any]) -> tuple[Path, ...]:
    """Find the fields a JSON Schema marks `"pii": true`, through local references.

    Pydantic writes that mark for `Field(json_schema_extra={"pii": True})`. A schema that refers to
    itself is followed once around.
    """
    found: set[Path] = set()
    _collect(schema, schema, (), frozenset(), found)
    return tuple(sorted(found))


def _collect(
    root: Mapping[str, Any],
    schema: Any,
    path: Path,
    seen: frozenset[str],
    found: set[Path],
) -> None:
    if not isinstance(schema, Mapping):
        return
    if schema.get("pii") is True:
        found.add(path)
        return
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference not in seen:
        _collect(root, _resolve(root, reference), path, seen | {reference}, found)
    for name, child in (schema.get("properties") or {}).items():
        _collect(root, child, (*path, name), seen, found)
    for keyword in ("items", "additionalProperties"):
        _collect(root, schema.get(keyword), (*path, "*"), seen, found)
    for keyword in ("allOf", "anyOf", "oneOf"):
        for child in schema.get(keyword) or ():
            _collect(root, child, path, seen, found)


def _resolve(root: Mapping[str, Any], reference: str) -> Any:
    node: Any = root
    for step in reference.removeprefix("#/").split("/"):
        node = node.get(step) if isinstance(node, Mapping) else None
    return node


def _same(kind: str, text: str) -> str:
    """One spelling for values that people write in several."""
    if kind in {"card", "phone"}:
        return "".join(c for c in text if c.isdigit() or c == "+")
    return text.lower() if kind == "email" else text


def _bare(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()


def _looks_like_card(value: int) -> bool:
    text = str(value)
    return text[0] in "23456" and luhn(text)
