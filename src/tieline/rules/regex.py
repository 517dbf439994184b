"""Patterns in RE2 syntax: linear time, no backtracking, search unanchored."""

from typing import Protocol, cast

import re2

# A pattern whose program would need more is refused rather than run slowly.
_MOST_MEMORY_BYTES = 8 * 1024 * 1024
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = _MOST_MEMORY_BYTES


class Pattern(Protocol):
    """What we use of a compiled pattern."""

    def search(self, text: str) -> object | None:
        """A match anywhere in the text, or None."""
        ...


def compile_pattern(pattern: str) -> Pattern | str:
    """The compiled pattern, or RE2's reason for refusing it."""
    try:
        return cast("Pattern", re2.compile(pattern, _OPTIONS))
    except re2.error as exc:
        reason = exc.args[0] if exc.args else "not RE2 syntax"
        return reason.decode() if isinstance(reason, bytes) else str(reason)
