"""Listing actions, telling about one, its schemas and templates."""

from tieline.emulator import wire_errors
from tieline.emulator.actions.flattened import flat_schema
from tieline.emulator.actions.views import PREFIX, schema_of, template_of, view
from tieline.emulator.call import Answer, Call
from tieline.emulator.paging import numbered_page
from tieline.emulator.tables import Document, Table

_MOST_IDS = 50


def list_published(call: Call) -> Answer:
    """List published actions."""
    return _listing(call, call.world.actions.published, draft=False)


def list_drafts(call: Call) -> Answer:
    """List drafts."""
    return _listing(call, call.world.actions.drafts, draft=True)


def list_categories(call: Call) -> Answer:
    """List the names of categories."""
    names = sorted({action["category"] for action in call.world.actions.published})
    return Answer(200, numbered_page(call, [{"name": name} for name in names]))


def get_published(call: Call) -> Answer:
    """Tell about a published action."""
    return Answer(200, view(call, call.world.actions.published.get(call.path[0])))


def get_draft(call: Call) -> Answer:
    """Tell about a draft."""
    return Answer(200, view(call, call.world.actions.drafts.get(call.path[0]), draft=True))


def get_schema(call: Call) -> Answer:
    """Give a schema of a published action."""
    return _schema(call, call.world.actions.published)


def get_draft_schema(call: Call) -> Answer:
    """Give a schema of a draft."""
    return _schema(call, call.world.actions.drafts)


def get_template(call: Call) -> Answer:
    """Give a template of a published action as text."""
    return _template(call, call.world.actions.published)


def get_draft_template(call: Call) -> Answer:
    """Give a template of a draft as text."""
    return _template(call, call.world.actions.drafts)


def _listing(call: Call, table: Table, *, draft: bool) -> Answer:
    if len(call.many("ids")) > _MOST_IDS:
        raise wire_errors.invalid_value("ids", "…", kind="list", allowed=f"at most {_MOST_IDS}")
    found = [action for action in table if _wanted(call, action)]
    key = call.one("sortBy")
    if key in {"name", "category", "id"}:
        backwards = (call.one("sortOrder") or "asc").lower() == "desc"
        found.sort(key=lambda action: str(action[key]), reverse=backwards)
    page = numbered_page(call, found, uris=f"{PREFIX}/drafts" if draft else PREFIX)
    page["entities"] = [view(call, action, draft=draft) for action in page["entities"]]
    return Answer(200, page)


def _wanted(call: Call, action: Document) -> bool:
    ids, name, category = call.many("ids"), call.one("name"), call.one("category")
    secure = call.one("secure")
    return (
        (not ids or action["id"] in ids)
        and (not name or name.lower() in action["name"].lower())
        and (not category or category == action["category"])
        and (secure is None or action["secure"] == call.flag("secure"))
    )


def _schema(call: Call, table: Table) -> Answer:
    schema = schema_of(table.get(call.path[0]), call.path[1])
    if schema is None:
        raise wire_errors.not_found(call.path[1][:80])
    return Answer(200, flat_schema(schema)[0] if call.flag("flatten") else schema)


def _template(call: Call, table: Table) -> Answer:
    text = template_of(table.get(call.path[0]), call.path[1].lower())
    if text is None:
        raise wire_errors.not_found(call.path[1][:80])
    return Answer(200, text=text)
