"""The table of calls on actions."""

from tieline.emulator.actions import drafting, executing, reading
from tieline.emulator.actions.views import PREFIX
from tieline.emulator.routes import MOST_ACTION_BODY_BYTES, Route

_ONE = f"{PREFIX}/{{actionId}}"
_DRAFT = f"{_ONE}/draft"
_VIEW = ("integrations:action:view", "bridge:actions:view")
_EXECUTE = ("integrations:action:execute", "bridge:actions:execute")
_ADD = ("integrations:action:add",)
_EDIT = ("integrations:action:edit",)
_DELETE = ("integrations:action:delete",)

ROUTES = (
    Route("GET", PREFIX, "actions.list", reading.list_published, any_permission=_VIEW),
    Route("POST", PREFIX, "actions.create", drafting.create_published, permissions=_ADD),
    Route("GET", f"{PREFIX}/categories", "actions.categories", reading.list_categories,
          any_permission=_VIEW),
    Route("GET", f"{PREFIX}/drafts", "actions.drafts", reading.list_drafts, any_permission=_VIEW),
    Route("POST", f"{PREFIX}/drafts", "actions.draft_create", drafting.create_draft,
          permissions=_ADD),
    Route("GET", _ONE, "actions.get", reading.get_published, any_permission=_VIEW),
    Route("PATCH", _ONE, "actions.update", drafting.patch_published, permissions=_EDIT),
    Route("DELETE", _ONE, "actions.delete", drafting.delete_published, permissions=_DELETE),
    Route("POST", f"{_ONE}/execute", "actions.execute", executing.execute_published,
          any_permission=_EXECUTE, most_bytes=MOST_ACTION_BODY_BYTES),
    Route("POST", f"{_ONE}/test", "actions.test", executing.test_published,
          any_permission=_EXECUTE, most_bytes=MOST_ACTION_BODY_BYTES),
    Route("GET", f"{_ONE}/schemas/{{fileName}}", "actions.schema", reading.get_schema,
          any_permission=_VIEW),
    Route("GET", f"{_ONE}/templates/{{fileName}}", "actions.template", reading.get_template,
          any_permission=_VIEW),
    Route("POST", _DRAFT, "actions.draft_open", drafting.open_draft, permissions=_EDIT),
    Route("GET", _DRAFT, "actions.draft_get", reading.get_draft, any_permission=_VIEW),
    Route("PATCH", _DRAFT, "actions.draft_update", drafting.patch_draft, permissions=_EDIT),
    Route("DELETE", _DRAFT, "actions.draft_delete", drafting.delete_draft, permissions=_DELETE),
    Route("GET", f"{_DRAFT}/validation", "actions.draft_validate", drafting.validate_draft,
          permissions=_EDIT),
    Route("POST", f"{_DRAFT}/publish", "actions.publish", drafting.publish, permissions=_EDIT),
    Route("POST", f"{_DRAFT}/test", "actions.draft_test", executing.test_draft,
          permissions=("integrations:action:execute",), most_bytes=MOST_ACTION_BODY_BYTES),
    Route("GET", f"{_DRAFT}/schemas/{{fileName}}", "actions.draft_schema",
          reading.get_draft_schema, any_permission=_VIEW),
    Route("GET", f"{_DRAFT}/templates/{{fileName}}", "actions.draft_template",
          reading.get_draft_template, any_permission=_VIEW),
)  # fmt: skip
