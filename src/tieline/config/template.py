"""The files `tieline init` writes: every field explained, from the one table of fields."""

from collections.abc import Iterator

from tieline.config.fields import FIELDS, Field

_HEAD = """\
# Tieline's configuration. The first found wins: argument, environment, .env beside this file, this
# file. `tieline doctor` says where each value comes from. A field that starts with `#` is not set;
# it shows an example.
"""
_EXAMPLES = {
    "api": '"platform"',
    "region": '"eu-west-1"',
    "base_url": '"http://127.0.0.1:8089"',
    "login_url": '"http://127.0.0.1:8089"',
    "client_id": '"…"',
    "client_secret": '"…"',
    "access_token": '"…"',
    "token_command": '["pass", "show", "genesys/token"]',
    "keyring": "true",
    "scopes": '["customcode:execute", "customcode:view"]',
    "state_dir": '".tieline"',
    "audit": '"required"',
    "mask_names": '["loyalty_no"]',
    "plain_names": '["ani"]',
    "token_cache": "true",
    "allow_http": "false",
    "timeout": "120",
    "timeouts.connect": "10",
    "timeouts.write": "20",
    "timeouts.read": "65",
    "timeouts.pool": "30",
    "retries": "3",
    "max_connections": "100",
    "max_answer_bytes": "16777216",
}


def render_toml(profile: str, values: dict[str, str]) -> str:
    """A `tieline.toml` with one profile; `values` are set, every other field is explained."""
    lines = [_HEAD, f"default_profile = {_quoted(profile)}", "", f"[profiles.{_key(profile)}]"]
    plain = [field for field in FIELDS if "." not in field.name]
    nested = [field for field in FIELDS if "." in field.name]
    lines += [line for field in plain for line in _field(field, values)]
    lines += ["", f"[profiles.{_key(profile)}.timeouts]"]
    lines += [line for field in nested for line in _field(field, values)]
    return "\n".join(lines) + "\n"


def render_env_example() -> str:
    """A `.env.example`: every environment name, the other names that are read as well."""
    lines = [
        "# Copy to .env (which git must ignore) and fill in. Environment variables win over it."
    ]
    for field in FIELDS:
        if field.environment:
            others = ", ".join(field.environment[1:])
            lines += ["", f"# {field.help}", *([f"# also read: {others}"] if others else [])]
            lines.append(f"#{field.environment[0]}=")
    return "\n".join(lines) + "\n"


def _field(field: Field, values: dict[str, str]) -> Iterator[str]:
    name = field.name.rpartition(".")[2]
    yield f"# {field.help}"
    if field.name in values:
        yield f"{name} = {_quoted(values[field.name])}"
    else:
        yield f"#{name} = {_EXAMPLES[field.name]}"


def _key(name: str) -> str:
    bare = name.replace("-", "").replace("_", "")
    return name if bare.isascii() and bare.isalnum() else _quoted(name)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    control = {code: f"\\u{code:04x}" for code in (*range(0x20), 0x7F)}
    return f'"{escaped.translate(control)}"'
