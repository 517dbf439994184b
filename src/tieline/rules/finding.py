"""What `check` has to say of a rule file, each with the place it speaks of."""

from dataclasses import dataclass, field
from typing import Any, Literal

from tieline.rules.model import Position

Severity = Literal["error", "warning"]
Code = Literal[
    "syntax",
    "unknown-field",
    "type-mismatch",
    "operator-not-for-type",
    "depth-exceeded",
    "bad-regex",
    "duplicate-name",
    "value-ignored",
    "empty-group",
    "not-arity",
    "unknown-queue",
]


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem; `hint` says what to write instead."""

    severity: Severity
    code: Code
    message: str
    rule: str | None = None
    at: Position = field(default=Position())
    hint: str = ""

    def to_json(self) -> dict[str, Any]:
        """The entry of `rules check --json`; a hint is part of the message there."""
        message = f"{self.message}; {self.hint}" if self.hint else self.message
        return {
            "severity": self.severity,
            "code": self.code,
            "message": message,
            "rule": self.rule,
            "path": self.at.path,
            "line": self.at.line,
            "column": self.at.column,
        }


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem before its place in a file is known: `offset` counts characters of the text."""

    code: Code
    message: str
    hint: str = ""
    offset: int = 0
    severity: Severity = "error"
