"""What a developer portal is told of an action: guide 1's document, and a page for people."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from tieline.actions.definition import Action


def portal_document(
    action: Action, *, exported_at: str, action_id: str | None = None, docs_url: str | None = None
) -> dict[str, Any]:
    """Write the portal's document; `portal_sync_id` is the same for the same name and version."""
    sync_id = uuid.uuid5(uuid.NAMESPACE_URL, f"tieline:action:{action.name}@{action.version}")
    return {
        "portal_sync_id": str(sync_id),
        "action_id": action_id or action.name,
        "schema_version": action.version,
        "name": action.name,
        "description": action.description,
        "input_schema": action.input_schema,
        "output_schema": action.output_schema,
        "compliance_level": action.compliance_level,
        "documentation_url": docs_url,
        "exported_at": exported_at,
    }


def markdown_page(action: Action) -> str:
    """Write a page that says what the action takes and answers, with an example body."""
    return "\n".join(
        [
            f"# {action.name}",
            "",
            action.description,
            "",
            _summary(action),
            "",
            "## Input",
            "",
            *_table(action.registered_input.schema),
            "",
            "## Output",
            "",
            *_table(action.output_schema),
            "",
            "## Example",
            "",
            "```json",
            json.dumps(example(action.registered_input.schema), indent=2),
            "```",
            "",
        ]
    )


def example(schema: Mapping[str, Any]) -> Any:
    """Make a plausible value: defaults and first choices first, then something of the type."""
    if "default" in schema:
        return schema["default"]
    if "enum" in schema:
        return schema["enum"][0]
    declared = schema.get("type")
    kind = declared if isinstance(declared, str) else next(iter(declared or ["string"]))
    match kind:
        case "object":
            required = schema.get("required", ())
            properties = schema.get("properties", {})
            return {name: example(properties[name]) for name in required if name in properties}
        case "array":
            return []
        case "integer" | "number":
            return schema.get("minimum", 0)
        case "boolean":
            return True
        case _:
            return "2026-01-31T12:00:00Z" if schema.get("format") == "date-time" else "text"


def _summary(action: Action) -> str:
    return (
        f"Version {action.version}, time-out {action.timeout_s:g} s, "
        f"compliance {action.compliance_level}."
    )


def _table(schema: Mapping[str, Any]) -> list[str]:
    properties = schema.get("properties", {})
    if not properties:
        return ["Nothing."]
    required = set(schema.get("required", ()))
    rows = [
        f"| `{name}` | {_type(field)} | {'yes' if name in required else 'no'} "
        f"| {_cell(field.get('description', ''))} |"
        for name, field in properties.items()
    ]
    return ["| field | type | required | meaning |", "|---|---|---|---|", *rows]


def _type(field: Mapping[str, Any]) -> str:
    if "enum" in field:
        return ", ".join(f"`{json.dumps(value)}`" for value in field["enum"])
    declared = field.get("type", "any")
    return declared if isinstance(declared, str) else " or ".join(declared)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
