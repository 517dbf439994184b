"""Writes the JSON Schema of webhook events from the catalogue's records.

A document is one of the families under `$defs`; each says which types it comes as.
"""

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

from pydantic import TypeAdapter

from tieline.calls.event_catalogue import CATALOGUE, RuleVerified

PATH = Path(__file__).parents[1] / "src" / "tieline" / "calls" / "event_catalogue.schema.json"


def schema() -> dict[str, Any]:
    """Draft 2020-12; members that are not listed do not occur."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An event of Tieline's webhooks",
        "oneOf": [{"$ref": f"#/$defs/{family.__name__}"} for family in CATALOGUE],
        "$defs": {family.__name__: _document(family) for family in CATALOGUE},
    }


def _document(family: Any) -> dict[str, Any]:
    described = {"description": (family.__doc__ or "").strip()}
    if family is RuleVerified:
        return described | _rule_verified(family)
    return described | _object(
        {
            "type": {"type": "string", "pattern": _pattern(family)},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": _object({field.name: _field(family, field.name) for field in fields(family)}),
        }
    )


def _rule_verified(family: Any) -> dict[str, Any]:
    return _object(
        {
            "event": {"const": family.TYPE},
            "timestamp": {"type": "string", "format": "date-time"},
            "rule_id": _field(family, "rule_id"),
            "metrics": _object(
                {
                    "evaluation_latency_ms": _field(family, "evaluation_latency_ms"),
                    "condition_count": _field(family, "condition_count"),
                    "estimated_match_rate": _field(family, "match_rate"),
                }
            ),
            "audit": _field(family, "audit"),
            "validation_status": {"enum": ["passed", "failed"], **_described(family, "passed")},
        }
    )


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _field(family: Any, name: str) -> dict[str, Any]:
    kind = get_args(get_type_hints(family, include_extras=True)[name])[0]
    return TypeAdapter(kind).json_schema() | _described(family, name)


def _described(family: Any, name: str) -> dict[str, str]:
    return {"description": get_args(get_type_hints(family, include_extras=True)[name])[1]}


def _pattern(family: Any) -> str:
    """The family's TYPE with each `<field>` as the words it can hold."""
    hints = get_type_hints(family)
    pieces = re.split(r"<([a-z]+)>", family.TYPE)
    for place in range(1, len(pieces), 2):
        words = get_args(hints[pieces[place]])
        pieces[place] = f"({'|'.join(words)})" if words else r"[a-z_]+(?:\.[a-z_]+)+"
    pieces[::2] = map(re.escape, pieces[::2])
    return f"^{''.join(pieces)}$"


if __name__ == "__main__":
    PATH.write_text(json.dumps(schema(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
