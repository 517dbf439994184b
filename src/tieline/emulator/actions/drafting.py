"""Creating, changing, publishing and deleting actions and drafts."""

from tieline.emulator import wire_errors
from tieline.emulator.actions import errors
from tieline.emulator.actions.fields import changed, contract_flaws, created
from tieline.emulator.actions.views import whole
from tieline.emulator.call import Answer, Call
from tieline.emulator.functions.obstacles import function_obstacles
from tieline.emulator.tables import Document
from tieline.emulator.wire_errors import Refusal


def create_published(call: Call) -> Answer:
    """Create and publish at once; not for function integrations."""
    fields = created(call)
    if call.world.integrations.has_functions(fields["integrationId"]):
        raise errors.drafts_only(fields["integrationId"])
    flaws = contract_flaws(fields)
    if flaws:
        raise errors.invalid_contract(flaws)
    action = call.world.actions.create(fields, as_draft=False)
    return Answer(200, whole(call, action), effect=action["id"])


def create_draft(call: Call) -> Answer:
    """Create an action that is a draft only."""
    fields = created(call)
    flaws = contract_flaws(fields)
    if flaws:
        raise errors.invalid_contract(flaws)
    action = call.world.actions.create(fields, as_draft=True)
    return Answer(200, whole(call, action, draft=True), effect=action["id"])


def open_draft(call: Call) -> Answer:
    """Make a draft of the published action."""
    action = _changeable(call.world.actions.published.get(call.path[0]))
    if call.world.actions.drafts.find(action["id"]) is not None:
        raise errors.draft_exists(action["id"])
    draft = call.world.actions.open_draft(action)
    return Answer(200, whole(call, draft, draft=True), effect=action["id"])


def patch_published(call: Call) -> Answer:
    """Change name, category or config of a published action."""
    action = _changeable(call.world.actions.published.get(call.path[0]))
    _check_version(call, action)
    for field in ("contract", "secure"):
        if call.sent.get(field) is not None:
            raise errors.frozen(field)
    changes = changed(call)
    return Answer(200, whole(call, call.world.actions.change(action, changes)),
                  effect=action["id"])  # fmt: skip


def patch_draft(call: Call) -> Answer:
    """Change a draft; what was published before keeps its contract and `secure`."""
    draft = call.world.actions.drafts.get(call.path[0])
    _check_version(call, draft)
    changes = changed(call)
    if call.world.actions.published.find(draft["id"]) is not None:
        _check_frozen(draft, changes)
    flaws = contract_flaws({**draft, **changes})
    if flaws:
        raise errors.invalid_contract(flaws)
    changed_draft = call.world.actions.change(draft, changes)
    return Answer(200, whole(call, changed_draft, draft=True), effect=draft["id"])


def delete_published(call: Call) -> Answer:
    """Delete an action and its draft."""
    action = _changeable(call.world.actions.published.get(call.path[0]))
    call.world.actions.published.remove(action["id"])
    call.world.actions.drafts.remove(action["id"])
    return Answer(204, effect=action["id"])


def delete_draft(call: Call) -> Answer:
    """Delete a draft; one that was never published is gone with it."""
    draft = call.world.actions.drafts.get(call.path[0])
    call.world.actions.drafts.remove(draft["id"])
    return Answer(204, effect=draft["id"])


def validate_draft(call: Call) -> Answer:
    """List what stands in the way of publication; 200 also then."""
    found = _obstacles(call, call.world.actions.drafts.get(call.path[0]))
    return Answer(200, {"valid": not found, "errors": [each.body("") for each in found]})


def publish(call: Call) -> Answer:
    """Publish the draft of the version that the caller has read."""
    draft = call.world.actions.drafts.get(call.path[0])
    _check_version(call, draft)
    found = _obstacles(call, draft)
    if found:
        raise errors.invalid_draft(found)
    action = call.world.actions.publish(draft)
    call.world.functions.tidy(action)
    return Answer(200, whole(call, action), effect=action["id"])


def _obstacles(call: Call, draft: Document) -> list[Refusal]:
    found: list[Refusal] = []
    flaws = contract_flaws(draft)
    if flaws:
        found.append(errors.invalid_contract(flaws))
    if call.world.integrations.has_functions(draft["integrationId"]):
        found += function_obstacles(call, draft)
    elif not (draft["config"].get("request") or {}).get("requestUrlTemplate"):
        found.append(wire_errors.missing_fields("config.request.requestUrlTemplate"))
    return found


def _check_version(call: Call, action: Document) -> None:
    given = call.require("version")["version"]
    if given != action["version"]:
        raise wire_errors.version_mismatch(given, action["version"])


def _check_frozen(draft: Document, changes: Document) -> None:
    for name, field in (("inputSchema", "contract"), ("successSchema", "contract"),
                        ("secure", "secure")):  # fmt: skip
        if name in changes and changes[name] != draft[name]:
            raise errors.frozen(field)


def _changeable(action: Document) -> Document:
    if action["id"].startswith("static_"):
        raise errors.not_changeable(action["id"])
    return action
