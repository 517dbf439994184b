"""The values a field's JSON Schema allows, as far as verification understands its keywords."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Context, Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any

from tieline.rules.exact_number import Number, exact, is_whole
from tieline.rules.field_type import FieldType, wrong_type
from tieline.rules.instant import instant_from_text, instant_text
from tieline.rules.regex import Pattern, compile_pattern
from tieline.types import Json

_ANNOTATIONS = frozenset(
    {"title", "description", "default", "examples", "$comment", "deprecated", "readOnly",
     "writeOnly", "$schema", "$id"}
)  # fmt: skip
_COMMON = frozenset({"type", "enum", "const"})
_NUMERIC = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
_TEXTUAL = frozenset({"minLength", "maxLength", "pattern"})
_LISTS = frozenset({"items", "minItems", "maxItems", "uniqueItems"})
_UNDERSTOOD = {
    "integer": _COMMON | _NUMERIC,
    "number": _COMMON | _NUMERIC,
    "string": _COMMON | _TEXTUAL,
    "date-time": _COMMON | {"format"},
    "boolean": _COMMON,
    "array": _COMMON | _LISTS,
    "object": frozenset({"type"}),
}
# RFC 3339 has years 0000 to 9999 and offsets up to 23:59 either way.
_FIRST_INSTANT = Fraction(instant_from_text("0000-01-01T00:00:00+23:59") or 0)
_LAST_INSTANT = Fraction(instant_from_text("9999-12-31T23:59:59-23:59") or 0) + 1
# More decimals than any two literals of the language can need to be told apart.
_FINEST = 9_000
_WIDE = Context(prec=20_000)


@dataclass(frozen=True, slots=True)
class Bound:
    """An end of an interval; `strict` leaves the end itself out."""

    at: Fraction
    strict: bool


@dataclass(frozen=True, slots=True)
class Space:
    """What the schema allows; `reasons` says what of it could not be understood."""

    type: FieldType
    choices: tuple[Json, ...] | None  # enum and const, already judged by every other keyword
    low: Bound | None = None
    high: Bound | None = None
    step: Fraction | None = None
    min_length: int = 0  # of text in characters, of an array in members
    max_length: int | None = None
    pattern: str | None = None
    unique: bool = False
    items: "Space | None" = None
    reasons: tuple[str, ...] = ()
    _compiled: list[Pattern] = field(default_factory=list, repr=False, compare=False)

    def allows(self, value: Json) -> bool:
        """Whether a value (not null) is valid; keywords not understood are taken as satisfied."""
        if wrong_type(self.type, value) is not None or value is None:
            return False
        if self.choices is not None:
            return any(same(value, choice) for choice in self.choices)
        return self.allows_beside_choices(value)

    def allows_beside_choices(self, value: Json) -> bool:
        """The same, `enum` and `const` aside."""
        match self.type.kind:
            case "integer" | "number":
                number = exact(value)
                return number is not None and self.holds_number(Fraction(number))
            case "string":
                if not self.holds_length(len(value)):
                    return False
                return self.pattern is None or self.matcher().search(value) is not None
            case _:
                return True

    def matcher(self) -> Pattern:
        """The schema's pattern, compiled once."""
        if not self._compiled:
            compiled = compile_pattern(self.pattern or "")
            if isinstance(compiled, str):  # `space_of` gave a reason and dropped it
                raise ValueError(compiled)
            self._compiled.append(compiled)
        return self._compiled[0]

    def holds_length(self, length: int) -> bool:
        """Whether text or an array may be that long."""
        return self.min_length <= length and (self.max_length is None or length <= self.max_length)

    def holds_number(self, number: Fraction) -> bool:
        """Whether a number lies within the bounds and on the grid."""
        if self.low and (number < self.low.at or (self.low.strict and number == self.low.at)):
            return False
        if self.high and (number > self.high.at or (self.high.strict and number == self.high.at)):
            return False
        return self.step is None or (number / self.step).denominator == 1

    def between(self, low: Fraction | None, high: Fraction | None) -> Fraction | None:
        """A simple allowed number strictly between the two; None when there is none."""
        bottom = _tighter(self.low, None if low is None else Bound(low, strict=True), 1)
        top = _tighter(self.high, None if high is None else Bound(high, strict=True), -1)
        if self.step is not None:
            return _on_grid(bottom, top, self.step)
        if bottom and top:
            if bottom.at > top.at or (bottom.at == top.at and (bottom.strict or top.strict)):
                return None
            if bottom.at == top.at:
                return bottom.at
        return _simplest(bottom, top)


def space_of(kind: FieldType) -> Space:
    """Read the keywords of a field's schema."""
    schema = kind.schema
    understood = _UNDERSTOOD[kind.kind] | _ANNOTATIONS
    reasons = [
        f"`{kind.name}`: the keyword `{keyword}` is not decided"
        for keyword in schema
        if keyword not in understood and not keyword.startswith("x-")
    ]
    items = None if kind.items is None else space_of(kind.items)
    pattern = schema.get("pattern") if kind.kind == "string" else None
    if pattern is not None and isinstance(compile_pattern(str(pattern)), str):
        reasons.append(f"`{kind.name}`: its pattern is not RE2 syntax")
        pattern = None
    is_list = kind.kind == "array"
    open_space = Space(
        type=kind,
        choices=None,
        low=_low(kind, schema),
        high=_high(kind, schema),
        step=_step(kind, schema),
        min_length=_count(schema.get("minItems" if is_list else "minLength")) or 0,
        max_length=_count(schema.get("maxItems" if is_list else "maxLength")),
        pattern=pattern,
        unique=schema.get("uniqueItems") is True,
        items=items,
        reasons=(*reasons, *(items.reasons if items else ())),
    )
    return _with_choices(open_space)


def same(left: Json, right: Json) -> bool:
    """Equality as JSON Schema has it: numbers by value, a boolean never a number."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    one, other = exact(left), exact(right)
    if one is not None or other is not None:
        return one is not None and other is not None and one == other
    return bool(left == right)


def number_of(value: Fraction) -> Number:
    """The exact number of a fraction whose denominator divides a power of ten."""
    if value.denominator == 1:
        return value.numerator
    return _WIDE.divide(Decimal(value.numerator), Decimal(value.denominator)).normalize(_WIDE)


def instant_value(value: Fraction) -> str:
    """RFC 3339 text of an instant, for records."""
    number = number_of(value)
    return instant_text(Decimal(number))


def fraction_of(kind: FieldType, value: Json) -> Fraction | None:
    """A number or date-time on the line of its order."""
    found = instant_from_text(value) if kind.kind == "date-time" else exact(value)
    return None if found is None else Fraction(found)


def _with_choices(space: Space) -> Space:
    schema = space.type.schema
    listed: list[Json] | None = None
    if isinstance(schema.get("enum"), list):
        listed = [value for value in schema["enum"] if value is not None]
    if "const" in schema:
        constant = schema["const"]
        listed = [constant] if listed is None else [one for one in listed if same(one, constant)]
    if listed is None and space.type.kind == "boolean":
        listed = [False, True]
    if listed is None:
        return space
    kept: list[Json] = []
    for value in listed:
        fits = value is not None and wrong_type(space.type, value) is None
        if fits and space.allows_beside_choices(value) and not any(same(value, k) for k in kept):
            kept.append(value)
    return replace(space, choices=tuple(kept))


def _low(kind: FieldType, schema: Mapping[str, Any]) -> Bound | None:
    if kind.kind == "date-time":
        return Bound(_FIRST_INSTANT, strict=False)
    return _bound(schema, "minimum", "exclusiveMinimum", 1)


def _high(kind: FieldType, schema: Mapping[str, Any]) -> Bound | None:
    if kind.kind == "date-time":
        return Bound(_LAST_INSTANT, strict=True)
    return _bound(schema, "maximum", "exclusiveMaximum", -1)


def _bound(schema: Mapping[str, Any], closed: str, exclusive: str, sign: int) -> Bound | None:
    limit, other = exact(schema.get(closed)), schema.get(exclusive)
    first = None if limit is None else Bound(Fraction(limit), strict=other is True)  # draft 4
    number = exact(other)
    second = None if number is None else Bound(Fraction(number), strict=True)
    return _tighter(first, second, sign)


def _tighter(one: Bound | None, other: Bound | None, sign: int) -> Bound | None:
    """The tighter of two lower bounds (sign 1) or upper bounds (sign -1)."""
    if one is None or other is None:
        return one or other
    if one.at == other.at:
        return one if one.strict else other
    return one if (one.at > other.at) == (sign == 1) else other


def _step(kind: FieldType, schema: Mapping[str, Any]) -> Fraction | None:
    if kind.kind not in ("integer", "number"):
        return None
    given = exact(schema.get("multipleOf"))
    step = Fraction(given) if given is not None and given > 0 else None
    if kind.kind == "number":
        return step
    # The integers among the multiples of p/q, in lowest terms, are the multiples of p.
    return Fraction(1) if step is None else Fraction(step.numerator)


def _count(value: Json) -> int | None:
    number = exact(value)
    return int(number) if number is not None and is_whole(number) else None


def _simplest(low: Bound | None, high: Bound | None) -> Fraction | None:
    """A number of as few decimals as there is one; what has n of them is also among n + 1."""
    digits = bisect_left(
        range(_FINEST),
        True,  # what is looked for
        key=lambda digits: _on_grid(low, high, Fraction(1, 10**digits)) is not None,
    )
    return None if digits == _FINEST else _on_grid(low, high, Fraction(1, 10**digits))


def _on_grid(low: Bound | None, high: Bound | None, step: Fraction) -> Fraction | None:
    """The multiple of the step nearest to zero within the bounds; None when there is none."""
    first = None if low is None else ceil(low.at / step)
    if low is not None and first is not None and low.strict and first * step == low.at:
        first += 1
    last = None if high is None else floor(high.at / step)
    if high is not None and last is not None and high.strict and last * step == high.at:
        last -= 1
    if first is not None and last is not None and first > last:
        return None
    nearest = 0
    if first is not None and first > 0:
        nearest = first
    elif last is not None and last < 0:
        nearest = last
    return nearest * step
