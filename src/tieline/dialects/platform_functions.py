"""The platform's calls that deploy a function; what it shares with actions is elsewhere.

A function is an action of an integration of type `function-data-actions`: its draft is made,
changed and published as any action's (`platform_deployment`), and has code and settings besides.
"""

from collections.abc import Mapping
from typing import Any

from tieline.calls.operation import Operation, Request
from tieline.contracts.templates import WHOLE_INPUT
from tieline.dialects import platform_deployment as shared
from tieline.types import JsonObject

INTEGRATION_TYPE = "function-data-actions"
CONTENT_TYPE = "application/zip"
_ACTION = "/api/v2/integrations/actions/{id}"
_VIEW = ("integrations:actionFunction:view",)
_EDIT = ("integrations:actionFunction:edit",)

RUNTIMES = Operation(
    "functions.runtimes", "GET", "/api/v2/integrations/actions/functions/runtimes",
    idempotent=True, dialect="platform", permissions=_VIEW,
)  # fmt: skip
PUBLISHED = Operation(
    "functions.published", "GET", f"{_ACTION}/function", idempotent=True, dialect="platform",
    permissions=_VIEW,
)  # fmt: skip
DRAFT = Operation(
    "functions.draft", "GET", f"{_ACTION}/draft/function", idempotent=True, dialect="platform",
    permissions=_VIEW,
)  # fmt: skip
# Another URL is all that a second one makes.
UPLOAD = Operation(
    "functions.upload", "POST", f"{_ACTION}/draft/function/upload", idempotent=True,
    dialect="platform", permissions=_EDIT,
)  # fmt: skip
# The same bytes at the same place; the path is in the URL that was given out.
UPLOAD_ZIP = Operation("functions.upload_zip", "PUT", "/", idempotent=True, dialect="platform")
SET = Operation(
    "functions.set", "PUT", f"{_ACTION}/draft/function", idempotent=True, dialect="platform",
    permissions=_EDIT,
)  # fmt: skip

OPERATIONS = (RUNTIMES, PUBLISHED, DRAFT, UPLOAD, UPLOAD_ZIP, SET)


def integrations() -> Request:
    """List the function integrations."""
    query: dict[str, str | int | bool] = {"integrationType": INTEGRATION_TYPE, "pageSize": 100}
    return Request(shared.INTEGRATIONS_LIST, query=query)


def create_integration(name: str) -> Request:
    """Make a function integration; it starts disabled."""
    body = {"name": name, "integrationType": {"id": INTEGRATION_TYPE}}
    return Request(shared.INTEGRATIONS_CREATE, body=body)


def published_function(action_id: str) -> Request:
    """Read settings and zip of the published function."""
    return Request(PUBLISHED, {"id": action_id})


def draft_function(action_id: str) -> Request:
    """Read settings and zip of the draft's."""
    return Request(DRAFT, {"id": action_id})


def create_draft(
    *, name: str, category: str, integration_id: str, contract: JsonObject,
    headers: Mapping[str, str],
) -> Request:  # fmt: skip
    """Make the draft of a function that does not exist yet; its event is the whole input."""
    return shared.create_draft(
        name=name,
        category=category,
        integration_id=integration_id,
        contract=contract,
        config=config_of(headers),
    )


def change_draft(
    action_id: str,
    *,
    version: int,
    name: str,
    category: str,
    headers: Mapping[str, str],
    contract: JsonObject | None,
) -> Request:
    """Change a draft; `contract` is None once the function was published, and cannot change."""
    body: dict[str, Any] = {
        "version": version,
        "name": name,
        "category": category,
        "config": config_of(headers),
    }
    if contract is not None:
        body["contract"] = shared.contract_body(contract)
    return Request(shared.DRAFTS_CHANGE, {"id": action_id}, body=body)


def ask_for_upload(action_id: str, file_name: str) -> Request:
    """Ask for a presigned URL."""
    return Request(UPLOAD, {"id": action_id}, body={"fileName": file_name})


def upload_zip(file_name: str, content: bytes, digest: str) -> Request:
    """Name an upload for the audit log; its bytes travel beside it."""
    body = {"fileName": file_name, "bytes": len(content), "sha256": digest}
    return Request(UPLOAD_ZIP, body=body)


def set_function(action_id: str, settings: JsonObject) -> Request:
    """Write description, handler, runtime and time-out of a draft's function."""
    return Request(SET, {"id": action_id}, body=dict(settings))


def config_of(headers: Mapping[str, str]) -> dict[str, Any]:
    """Write the action's configuration; the URL is the platform's own business."""
    return {"request": {"requestTemplate": WHOLE_INPUT, "headers": dict(headers)}}
