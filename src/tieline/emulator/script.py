"""What a thing of the fixture does with an input: a small declarative mapping.

    {"cases": [{"when": {"customerId": "10024"}, "output": {"tier": "gold"}},
               {"when": {"customerId": "boom"}, "ends": "failed", "error": "no such customer"}],
     "output": {"customerName": {"$input": "customerId"}}}

The first case whose `when` is part of the input is taken, else the mapping's own entries. In an
output, `{"$input": "name"}` stands for that input, null when it was not given.
"""

from typing import Any, NamedTuple

from tieline.types import Json, JsonObject


class Played(NamedTuple):
    """What comes of one input. `ends` is None where the script does not say."""

    chosen: bool
    """Whether a case matched."""
    ends: str | None
    output: Json
    error: str | None
    seconds: JsonObject


def play(script: JsonObject, given: JsonObject) -> Played:
    """Find what the script does with this input."""
    chosen: JsonObject = next((case for case in script.get("cases", ()) if _fits(case, given)), {})
    told = {**script, **chosen}
    return Played(
        chosen=bool(chosen),
        ends=told.get("ends"),
        output=_filled(told.get("output"), given),
        error=told.get("error"),
        seconds=told.get("seconds", {}),
    )


def _fits(case: JsonObject, given: JsonObject) -> bool:
    return all(name in given and given[name] == value for name, value in case["when"].items())


def _filled(template: Any, given: JsonObject) -> Json:
    if isinstance(template, dict):
        if set(template) == {"$input"}:
            return given.get(template["$input"])
        return {name: _filled(value, given) for name, value in template.items()}
    if isinstance(template, list):
        return [_filled(value, given) for value in template]
    return template
