"""What stands in the way of publishing a draft's function."""

from typing import Any

from tieline.contracts.function_archive import handler_file, read_archive
from tieline.emulator import wire_errors
from tieline.emulator.call import Call
from tieline.emulator.functions.errors import no_such_handler, no_usable_zip
from tieline.emulator.functions.state import AVAILABLE
from tieline.emulator.tables import Document
from tieline.emulator.wire_errors import Refusal


def function_obstacles(call: Call, draft: Document) -> list[Refusal]:
    """Settings that are missing, a zip that is not Available, a handler that is not in it."""
    functions = call.world.functions
    functions.settle(draft, now=call.now)
    function: dict[str, Any] = draft.get("function") or {}
    missing = [n for n in ("zipId", "handler", "runtime", "description") if not function.get(n)]
    if missing:
        return [wire_errors.missing_fields(*(f"function.{name}" for name in missing))]
    shown = functions.zip_of(draft, now=call.now)
    if shown is not None and shown["status"] != AVAILABLE:
        return [no_usable_zip(shown["status"])]
    code = functions.code_of(draft)
    if code is None:
        return []
    files = read_archive(code.content()).files
    found = handler_file(function["handler"], files)
    return [] if found is not None else [no_such_handler(function["handler"])]
