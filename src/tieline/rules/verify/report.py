"""What verification found."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tieline.rules.check import Strictness
from tieline.rules.exact_number import plain_json

Kind = Literal["unreachable", "shadowed", "conflict", "gap", "redundant"]
WRONG: frozenset[Kind] = frozenset({"unreachable", "shadowed", "conflict"})


@dataclass(frozen=True, slots=True)
class Proven:
    """One finding; `witness` is a record the interpreter has confirmed, or None."""

    kind: Kind
    rule: str | None
    by: tuple[str, ...]
    witness: Mapping[str, Any] | None
    message: str

    def to_json(self) -> dict[str, Any]:
        """The entry of `rules verify --json`."""
        return {
            "kind": self.kind,
            "rule": self.rule,
            "by": list(self.by),
            "witness": None if self.witness is None else plain_json(self.witness),
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class Verification:
    """`complete` is true when every question was decided; `reasons` name those that were not."""

    findings: tuple[Proven, ...]
    reasons: tuple[str, ...]
    rules: int

    @property
    def complete(self) -> bool:
        """Whether silence is a proof."""
        return not self.reasons

    def ok(self, strictness: Strictness = "normal") -> bool:
        """Whether nothing is wrong; under `strict` a gap or a redundant rule is wrong too."""
        return not any(strictness == "strict" or one.kind in WRONG for one in self.findings)

    def to_json(self, *, elapsed_ms: float, strictness: Strictness = "normal") -> dict[str, Any]:
        """The document of `rules verify --json`."""
        return {
            "ok": self.ok(strictness),
            "complete": self.complete,
            "reasons": list(self.reasons),
            "rules": self.rules,
            "findings": [finding.to_json() for finding in self.findings],
            "elapsed_ms": round(elapsed_ms, 3),
        }
