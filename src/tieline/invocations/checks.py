"""Is this input one that the target takes? Decided before anything is sent."""

import math
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from tieline.dialects.port import Definition, Order
from tieline.errors import InvalidInput, LimitExceeded
from tieline.invocations.known import Known
from tieline.types import Json

# As deep as JSON text may be when it comes in (contracts/strict_json.py).
DEEPEST = 100


def check_value(value: Json) -> None:
    """Refuse what JSON cannot hold, and nesting that would exhaust whoever reads it next.

    Raises:
        InvalidInput: no object, a key that is no text, NaN or infinity, a Python object.
        LimitExceeded: nested deeper than `DEEPEST`.
    """
    if not isinstance(value, Mapping):
        raise InvalidInput(
            f"the input is a JSON object, not {_kind(value)}",
            details=[{"loc": [], "type": "type", "message": "not an object"}],
        )
    # A stack of our own: a hostile depth must not meet Python's.
    waiting: list[tuple[Json, tuple[str | int, ...]]] = [(value, ())]
    while waiting:
        current, loc = waiting.pop()
        if len(loc) > DEEPEST:
            raise LimitExceeded(
                f"the input is nested deeper than {DEEPEST} levels",
                hint="hand deep structures over as text, and parse them over there",
            )
        waiting.extend((child, (*loc, step)) for step, child in _children(current, loc))


def check_definition(definition: Definition, order: Order) -> None:
    """Refuse a target that cannot be invoked as ordered.

    Raises:
        InvalidInput: it is not active.
        LimitExceeded: it may not run for as long as the caller needs.
    """
    label = definition.name or definition.id
    if definition.active is False:
        raise InvalidInput(
            f"{definition.kind} {label} is not active",
            hint="activate or publish it, then invoke it again",
        )
    needed, allowed = order.time_limit_s, definition.time_limit_s
    if needed is not None and allowed is not None and allowed < needed:
        raise LimitExceeded(
            f"{definition.kind} {label}: its sandbox timeout is {allowed:g} s and {needed:g} s are "
            "needed",
            hint="raise sandbox.timeout of the function, or ask for less time",
            details=[{"loc": ["sandbox", "timeout"], "type": "limit", "message": f"{allowed:g} s"}],
        )


def check_input(known: Known, value: Mapping[str, Json]) -> None:
    """Refuse keys the target does not name, then values its schema does not allow.

    Raises:
        InvalidInput: one detail a finding; the message lists the keys that are allowed.
    """
    definition = known.definition
    if definition.input_names is not None:
        _check_names(definition, value, definition.input_names)
    if known.schema is not None:
        what = f"input of {definition.kind} {definition.name or definition.id}"
        known.schema.check(dict(value), what=what)


def _check_names(definition: Definition, value: Mapping[str, Json], allowed: Sequence[str]) -> None:
    unknown = [key for key in value if key not in allowed]
    if not unknown:
        return
    shown = ", ".join(repr(key[:64]) for key in unknown[:5])
    near = get_close_matches(unknown[0][:64], allowed, n=1)
    raise InvalidInput(
        f"{definition.kind} {definition.name or definition.id} has no input {shown}; "
        f"allowed: {', '.join(allowed) or 'none'}",
        hint=f"did you mean {near[0]!r}?" if near else None,
        details=[
            {"loc": [key[:64]], "type": "undefined_key", "message": "not an input of the target"}
            for key in unknown[:100]
        ],
    )


def _children(value: Json, loc: tuple[str | int, ...]) -> Iterator[tuple[str | int, Json]]:
    if isinstance(value, Mapping):
        for key, child in value.items():
            if not isinstance(key, str):
                raise _bad(loc, f"a key is of type {type(key).__name__}, not a text")
            yield key, child
    elif isinstance(value, list | tuple):
        yield from enumerate(value)
    elif isinstance(value, float) and not math.isfinite(value):
        raise _bad(loc, "NaN and infinity are no JSON")
    elif value is not None and not isinstance(value, bool | int | float | str):
        raise _bad(loc, f"a value of type {type(value).__name__} is no JSON")


def _bad(loc: tuple[str | int, ...], message: str) -> InvalidInput:
    place = ".".join(str(step)[:64] for step in loc) or "the input"
    return InvalidInput(
        f"{place}: {message}",
        details=[{"loc": list(loc), "type": "not_json", "message": message}],
    )


def _kind(value: Json) -> str:
    names = {type(None): "null", bool: "a boolean", int: "a number", float: "a number",
             str: "a text", list: "an array", tuple: "an array"}  # fmt: skip
    return names.get(type(value), f"a {type(value).__name__}")
