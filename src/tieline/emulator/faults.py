"""Faults by script: which request is hit, and by what.

What each kind leaves behind is the point of having it:

    nothing carried out      status, html, rate_limit, drop_before_read, drop_after_read
    carried out              drop_after_commit, delay, truncate, garbage, slow_body
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from tieline.contracts.validation import Schema
from tieline.emulator.oauth.state import Token
from tieline.emulator.rates import RateWindows
from tieline.emulator.wire_errors import Refusal
from tieline.types import JsonObject

Kind = Literal[
    "status", "drop_before_read", "drop_after_read", "drop_after_commit", "delay", "truncate",
    "garbage", "html", "slow_body", "rate_limit",
]  # fmt: skip

_NUMBER: JsonObject = {"type": "number", "minimum": 0}
_COUNT: JsonObject = {"type": "integer", "minimum": 1}
_STATUS: JsonObject = {"type": "integer", "minimum": 200, "maximum": 599}
_FIELDS: dict[Kind, tuple[dict[str, JsonObject], tuple[str, ...]]] = {
    "status": ({"status": _STATUS, "retry_after": {}, "body": {}}, ("status",)),
    "drop_before_read": ({}, ()),
    "drop_after_read": ({}, ()),
    "drop_after_commit": ({}, ()),
    "delay": ({"seconds": _NUMBER, "jitter": _NUMBER}, ("seconds",)),
    "truncate": ({"bytes": {"type": "integer", "minimum": 0}}, ("bytes",)),
    "garbage": ({}, ()),
    "html": ({"status": _STATUS}, ()),
    "slow_body": ({"bytes_per_second": _COUNT}, ("bytes_per_second",)),
    "rate_limit": (
        {
            "requests": {"type": "integer", "minimum": 0},
            "per_seconds": {"type": "number", "minimum": 0.001},
            "scope": {"enum": ["token", "client", "org"]},
        },
        ("requests", "per_seconds"),
    ),
}
_RULE = Schema(
    {
        "type": "object",
        "additionalProperties": False,
        "required": ["do"],
        "properties": {
            "match": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"method": {"type": "string"}, "path": {"type": "string"}},
            },
            "calls": {"type": "array", "items": _COUNT},
            "do": {
                "type": "object",
                "required": ["kind"],
                "properties": {"kind": {"enum": list(_FIELDS)}},
            },
        },
    }
)


@dataclass(slots=True)
class FaultRule:
    """One rule and how many requests matched it so far."""

    kind: Kind
    do: JsonObject
    document: JsonObject
    method: str | None = None
    path: re.Pattern[str] | None = None
    calls: frozenset[int] | None = None
    seen: int = 0
    windows: RateWindows = field(default_factory=RateWindows)

    @classmethod
    def read(cls, document: Any) -> "FaultRule":
        """Make a rule of its JSON form.

        Raises:
            InvalidInput: names each field that is wrong.
        """
        _check(document)
        match = document.get("match", {})
        do = document["do"]
        calls = document.get("calls")
        return cls(
            kind=do["kind"],
            do=do,
            document=document,
            method=match["method"].upper() if "method" in match else None,
            path=_pattern(match["path"]) if "path" in match else None,
            calls=None if calls is None else frozenset(calls),
        )

    def hits(self, method: str, path: str) -> bool:
        """Count the request if it matches; true when this is one of the calls to be hit."""
        if self.method is not None and self.method != method:
            return False
        if self.path is not None and not self.path.fullmatch(path):
            return False
        self.seen += 1
        return self.calls is None or self.seen in self.calls

    def refusal(self, token: Token | None, *, now: float) -> Refusal | None:
        """For `rate_limit`: refuse what is over the limit of its window."""
        scope = self.do.get("scope", "token")
        if scope == "org":
            holder = "org"
        elif token is None:
            return None
        else:
            holder = token.id if scope == "token" else token.client_id
        return self.windows.take(
            _LIMIT_KEYS[scope],
            holder,
            most=self.do["requests"],
            seconds=self.do["per_seconds"],
            now=now,
        )

    def to_json(self) -> dict[str, Any]:
        """The rule as it was given, and how many requests matched it."""
        return {**self.document, "seen": self.seen}


@dataclass(frozen=True, slots=True)
class Strike:
    """The rule that hits a request; `refusal` is a rate limit's answer."""

    rule: FaultRule
    refusal: Refusal | None = None


class Faults:
    """The rules in order; the first that hits a request is played."""

    def __init__(self) -> None:
        self.rules: list[FaultRule] = []

    def add(self, documents: Sequence[Any]) -> None:
        """Append rules, all or none.

        Raises:
            InvalidInput: one of them cannot be read.
        """
        self.rules += [FaultRule.read(document) for document in documents]

    def strike(self, method: str, path: str, token: Token | None, *, now: float) -> Strike | None:
        """Find what hits this request. Every rule that matches it counts it."""
        struck: Strike | None = None
        for rule in self.rules:
            if not rule.hits(method, path) or struck is not None:
                continue
            if rule.kind != "rate_limit":
                struck = Strike(rule)
                continue
            refusal = rule.refusal(token, now=now)
            if refusal is not None:
                struck = Strike(rule, refusal)
        return struck

    def clear(self) -> None:
        """Remove all rules."""
        self.rules.clear()


_LIMIT_KEYS = {
    "token": "client.credentials.token.rate.per.minute",
    "client": "org.client.rate.per.minute",
    "org": "org.rate.per.minute",
}


def _check(document: Any) -> None:
    _RULE.check(document, what="fault rule")
    kind = document["do"]["kind"]
    _doing(kind).check(document["do"], what=f"fault rule of kind {kind}")


@cache
def _doing(kind: Kind) -> Schema:
    fields, required = _FIELDS[kind]
    return Schema(
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["kind", *required],
            "properties": {"kind": {}, **fields},
        }
    )


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]*\}", path)
    return re.compile("[^/]+".join(re.escape(part) for part in parts))
