"""The JSON Schema of a line, as published in docs and by `tieline audit schema`."""

import json
from importlib.resources import files
from typing import Any


def record_schema() -> dict[str, Any]:
    """Draft 2020-12; members that are not listed do not occur."""
    document: dict[str, Any] = json.loads(
        files("tieline.audit").joinpath("record.schema.json").read_text("utf-8")
    )
    return document
