"""A place in a template's source, and the error that points at it."""

import re
from dataclasses import dataclass

from tieline.errors import InvalidInput

# Deeper templates exist only to exhaust a parser's stack.
DEEPEST = 50
SPACE = re.compile(r"\s*")


class TemplateError(InvalidInput):
    """A template cannot be read or rendered; the message gives line and column."""


@dataclass(slots=True)
class Cursor:
    """A place in the source, with what parsing needs to look at and to step over."""

    source: str
    at: int = 0
    depth: int = 0

    def fail(self, message: str, *, at: int | None = None) -> TemplateError:
        """Make the error that points at a place."""
        place = self.at if at is None else at
        line = self.source.count("\n", 0, place) + 1
        column = place - (self.source.rfind("\n", 0, place) + 1) + 1
        return TemplateError(f"template, line {line}, column {column}: {message}")

    def take(self, text: str) -> bool:
        """Step over `text` if it stands here."""
        found = self.source.startswith(text, self.at)
        if found:
            self.at += len(text)
        return found

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Step over the pattern if it stands here."""
        found = pattern.match(self.source, self.at)
        if found:
            self.at = found.end()
        return found

    def skip_space(self) -> None:
        """Step over white space, which means nothing inside an expression."""
        self.match(SPACE)

    def expect(self, text: str) -> None:
        """Step over white space and `text`, or fail."""
        self.skip_space()
        if not self.take(text):
            raise self.fail(f"expected {text!r}")

    def deeper(self) -> None:
        """Count one level of nesting."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.fail(f"nested deeper than {DEEPEST} levels")
