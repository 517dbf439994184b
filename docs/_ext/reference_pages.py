"""Writes the reference pages that only repeat the code: commands, fields, the retry table.

They are written before each build and never checked in, so they cannot be stale.
"""

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from tieline.calls.event_catalogue import CATALOGUE, event_schema
from tieline.calls.retry import TABLE
from tieline.cli.app import build
from tieline.cli.groups import GROUPS
from tieline.config.fields import FIELDS
from tieline.config.regions import REGIONS
from tieline.emulator.areas import ROUTES
from tieline.emulator.routes import Route

_HEAD = "% Written at build time from the code.\n\n"


def pages() -> dict[str, str]:
    """Path below `docs/` → text, for every page that is generated."""
    written = {f"reference/cli/{name}.md": _command_page(name) for name in GROUPS}
    written["reference/configuration-fields.md"] = _fields_page()
    written["reference/regions.md"] = _regions_page()
    written["reference/retries.md"] = _retries_page()
    written["reference/emulator-calls.md"] = _emulator_page()
    written["reference/webhook-events.md"] = _events_page()
    return written


def write(app: Sphinx) -> None:
    """Write pages that changed, so that Sphinx rebuilds only those."""
    for name, text in pages().items():
        path = Path(app.srcdir) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True}


def _command_page(name: str) -> str:
    app = build()
    for other in set(GROUPS) - {name}:
        del app[other]
    text = app.generate_docs(output_format="markdown", recursive=True, heading_level=0)
    start = text.index(f"# tieline {name}")
    return _HEAD + text[start:] + "\n"


def _fields_page() -> str:
    rows = [
        f"| `{field.name}` | {field.help} | {' '.join(f'`{n}`' for n in field.environment)} |"
        for field in FIELDS
    ]
    return "\n".join(
        [
            f"{_HEAD}# Configuration fields",
            "",
            "Fields of `[profiles.NAME]` in `tieline.toml`; a dot is a sub-table. The last column",
            "names environment variables, also read from `.env`; the first one set wins.",
            "",
            "| field | meaning | environment |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _retries_page() -> str:
    rows = [
        f"| {seen.value} | {row.idempotent.value} | {row.once_only.value} |"
        for seen, row in TABLE.items()
    ]
    return "\n".join(
        [
            f"{_HEAD}# Retries",
            "",
            "What follows from an attempt, by whether its operation may be carried out twice.",
            "",
            "| what is known | idempotent | once only |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _regions_page() -> str:
    rows = [f"| `{r.aws}` | `{r.domain}` | {r.api_url} | {r.login_url} |" for r in REGIONS]
    return "\n".join(
        [
            f"{_HEAD}# Regions",
            "",
            "Write a region by its AWS name, its domain, or the SDK's name with underscores.",
            "",
            "| AWS name | domain | API | login |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _emulator_page() -> str:
    rows = [
        f"| `{each.method} {each.path}` | `{each.operation}` | {each.surface} | {_right(each)} |"
        for each in ROUTES
    ]
    return (
        f"{_HEAD}# Calls of the emulator\n\n"
        "`shared` paths are spoken in both dialects; the token tells which.\n\n"
        "| call | operation | dialect | needs |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"
    )


_EVENTS_INTRODUCTION = """\
What endpoints are told of. All but `routing.rule.verified` are documents
`{"type", "timestamp", "data"}`; their `data` is masked as the audit log is.
`tieline webhooks schema` prints the JSON Schema of all of them. A service's own `callback_url` gets
the [gateway's](gateway.md) document instead.
"""


def _events_page() -> str:
    schema = event_schema()
    parts = [
        f"{_HEAD}# Webhook events\n",
        _EVENTS_INTRODUCTION,
    ]
    for family in CATALOGUE:
        definition = schema["$defs"][family.__name__]
        members = definition["properties"].get("data", definition)["properties"]
        parts += [f"## `{family.TYPE}`\n", f"{definition['description']}\n"]
        if "type" in definition["properties"]:
            parts += [f"Type: `{definition['properties']['type']['pattern']}`\n"]
        parts += ["| field | type | what |", "|---|---|---|"]
        parts += [
            f"| `{name}` | {_type(member)} | {_what(member)} |" for name, member in members.items()
        ]
        parts.append("")
    return "\n".join(parts) + "\n"


def _type(member: dict[str, Any]) -> str:
    kinds = [one.get("type", "any") for one in member.get("anyOf", [member])]
    return " or ".join(kinds) if "enum" not in member and "const" not in member else "word"


def _what(member: dict[str, Any]) -> str:
    words = [*member.get("enum", []), *([member["const"]] if "const" in member else [])]
    listed = ", ".join(f"`{word}`" for word in words)
    inner = ", ".join(f"`{name}`" for name in member.get("properties", ()))
    return "; ".join(part for part in (listed, inner, member.get("description", "")) if part)


def _right(route: Route) -> str:
    permissions = " and ".join(f"`{each}`" for each in route.permissions)
    either = " or ".join(f"`{each}`" for each in route.any_permission)
    scopes = " or ".join(f"`{each}`" for each in route.scopes)
    return "; ".join(each for each in (permissions, either, scopes) if each)
