"""An outcome or an execution as people read it: words, not JSON, for what is ours."""

from collections.abc import Mapping
from typing import Any

from tieline.cli.output import fields

# The members of an error that Tieline itself puts into an outcome.
_OUR_ERROR = frozenset({"code", "message", "limit", "hint", "correlation_id"})


def ending_text(document: Mapping[str, Any]) -> str:
    """The document of an outcome or an execution as aligned lines, without what is null.

    An error of the far side is shown as it came.
    """
    told: dict[str, Any] = {}
    for name, value in document.items():
        if name == "target":
            told[name] = _target(value)
        elif name == "error" and _is_ours(value):
            told |= {"error": value.get("message"), "hint": value.get("hint")}
        else:
            told[name] = value
    return fields(told)


def _is_ours(error: object) -> bool:
    return isinstance(error, Mapping) and "message" in error and error.keys() <= _OUR_ERROR


def _target(target: Mapping[str, Any]) -> str:
    name, version = target["name"], target["version"]
    what = target["id"] if name is None else f"{name} ({target['id']})"
    return f"{target['kind']} {what}" + ("" if version is None else f", version {version}")
