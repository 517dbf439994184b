"""The regular expressions a decision table can say: a literal text at the start or the end."""

from typing import Literal

from tieline.rules.verify.domain import Undecided
from tieline.rules.verify.pattern_syntax import Characters, Edge, Pattern, Sequence, parse_pattern


def anchored_literal(pattern: str) -> tuple[Literal["start", "end", "both"], str] | None:
    """The text and the end it stands at; None for every other pattern."""
    try:
        parsed = parse_pattern(pattern)
    except Undecided:
        return None
    parts: tuple[Pattern, ...] = parsed.parts if isinstance(parsed, Sequence) else (parsed,)
    at_start = parts[:1] == (Edge(start=True),)
    at_end = parts[-1:] == (Edge(start=False),)
    inner = parts[1 if at_start else 0 : len(parts) - (1 if at_end else 0)]
    text = ""
    for part in inner:
        if not isinstance(part, Characters) or len(part.ranges) != 1:
            return None
        low, high = part.ranges[0]
        if low != high:
            return None
        text += chr(low)
    if at_start and at_end:
        return "both", text
    if not text or not (at_start or at_end):
        return None
    return ("start" if at_start else "end"), text
