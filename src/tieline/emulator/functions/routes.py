"""Runtimes, the settings of a published function, and those of a draft.

The functions themselves are kept with their actions, which the area of actions owns.
"""

from typing import Any

from tieline.emulator import wire_errors
from tieline.emulator.actions.views import PREFIX
from tieline.emulator.call import Answer, Call
from tieline.emulator.clock import iso
from tieline.emulator.functions import uploads
from tieline.emulator.functions.access import with_function
from tieline.emulator.routes import Route
from tieline.emulator.tables import Document

RUNTIMES = (
    {"name": "nodejs22.x", "description": "Node.js 22", "status": "Available"},
    {"name": "nodejs20.x", "description": "Node.js 20", "status": "Deprecated",
     "dateEndOfLife": "2026-04-30"},
)  # fmt: skip
_LONGEST_DESCRIPTION = 255
_SLOWEST_SECONDS = 15


def list_runtimes(call: Call) -> Answer:
    """List runtimes: a bare array, not cut into pages."""
    del call
    return Answer(200, list(RUNTIMES))


def get_published(call: Call) -> Answer:
    """Tell the published function."""
    action = with_function(call, call.world.actions.published.get(call.path[0]))
    return Answer(200, _config(call, action, f"{PREFIX}/{action['id']}/function"))


def get_draft(call: Call) -> Answer:
    """Tell the draft's function."""
    draft = with_function(call, call.world.actions.drafts.get(call.path[0]))
    return Answer(200, _config(call, draft, f"{PREFIX}/{draft['id']}/draft/function"))


def put_draft(call: Call) -> Answer:
    """Set the draft's function; the code stays the one that was uploaded."""
    draft = with_function(call, call.world.actions.drafts.get(call.path[0]))
    sent = call.require("description", "handler", "runtime")
    call.text("description", longest=_LONGEST_DESCRIPTION)
    call.text("handler", shortest=1)
    names = [runtime["name"] for runtime in RUNTIMES]
    if sent["runtime"] not in names:
        raise wire_errors.invalid_value(
            "runtime", sent["runtime"], kind="String", allowed=", ".join(names)
        )
    seconds = call.whole("timeoutSeconds", usual=_SLOWEST_SECONDS, most=_SLOWEST_SECONDS)
    draft["function"] = {
        "dateCreated": iso(call.now),
        **(draft.get("function") or {}),
        "description": sent["description"],
        "handler": sent["handler"],
        "runtime": sent["runtime"],
        "timeoutSeconds": seconds,
    }
    place = f"{PREFIX}/{draft['id']}/draft/function"
    return Answer(200, _config(call, draft, place), effect=draft["id"])


def _config(call: Call, action: Document, place: str) -> dict[str, Any]:
    functions = call.world.functions
    functions.settle(action, now=call.now)
    function = action.get("function") or {}
    history = functions.history(action["id"], now=call.now)
    body: dict[str, Any] = {"id": action["id"], "uploadExceptionHistory": history, "selfUri": place}
    if function:
        body["function"] = {"id": action["id"], "name": action["name"], **function}
    shown = functions.zip_of(action, now=call.now)
    if shown:
        body["zip"] = shown
    return body


_VIEW = ("integrations:actionFunction:view",)
_EDIT = ("integrations:actionFunction:edit",)
ROUTES = (
    Route("GET", f"{PREFIX}/functions/runtimes", "functions.runtimes", list_runtimes,
          permissions=_VIEW),
    Route("GET", f"{PREFIX}/{{actionId}}/function", "functions.published", get_published,
          permissions=_VIEW),
    Route("GET", f"{PREFIX}/{{actionId}}/draft/function", "functions.draft", get_draft,
          permissions=_VIEW),
    Route("PUT", f"{PREFIX}/{{actionId}}/draft/function", "functions.set", put_draft,
          permissions=_EDIT),
    *uploads.ROUTES,
)  # fmt: skip
