"""Aliases and ids that more than one room shares. No logic."""

from collections.abc import Mapping
from typing import Any, Literal, NewType

Json = Any
"""A JSON value: None, bool, int, float, str, list or dict of the same."""

JsonObject = Mapping[str, Any]
"""A JSON object as it came from, or goes to, the wire."""

DialectName = Literal["platform", "guide"]
"""Which API surface is spoken: the real platform's, or the five guides' own."""

AuditPolicy = Literal["required", "best-effort"]
"""Whether a changing call may go on when its intent cannot be recorded."""

TargetKind = Literal["function", "action", "flow"]
"""What can be invoked; the guides call a function custom code."""

FunctionId = NewType("FunctionId", str)
ActionId = NewType("ActionId", str)
FlowId = NewType("FlowId", str)
ExecutionId = NewType("ExecutionId", str)
RunId = NewType("RunId", str)
