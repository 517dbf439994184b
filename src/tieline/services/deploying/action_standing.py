"""Reading what stands on the platform under an action's name."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

from tieline.calls.operation import Request
from tieline.calls.pagination import NumberedPages
from tieline.deployments.action_plan import VERSION_HEADER, StandingAction
from tieline.dialects import platform_deployment as wire
from tieline.dialects.reading import identifier_of
from tieline.errors import BadAnswer, NotFound
from tieline.services.session import Session
from tieline.types import Json, JsonObject


async def read_standing(
    session: Session, *, name: str, version: str, integration: str
) -> tuple[StandingAction, JsonObject | None]:
    """Read integration, action and draft of a name, with the action's draft document if any.

    Where several published actions have the name, the one of this `version` counts; the others are
    what a deploy left that stopped before it set them aside. A template that the platform only
    refers to is fetched, so that a plan compares its text.
    """
    place = await find_integration(session, wire.integrations(), integration)
    if place is None:
        return StandingAction(), None
    integration_id = identifier_of(place, "integrations.list")
    published = await find_named(session, wire.find_actions(name), name, integration_id)
    drafts = await find_named(session, wire.find_drafts(name), name, integration_id)
    ours = [each for each in published if _made_by(each) == f"{name}@{version}"]
    action = next(iter([*ours, *published]), None)
    draft = next(iter(drafts), None)
    config = await read_integration_config(session, integration_id)
    whole = {} if action is None else await _with_templates(session, action)
    standing = _standing(integration_id, whole, draft, wire.credential_of(config))
    return replace(
        standing,
        integration_enabled=place.get("intendedState") == "ENABLED",
        draft_untouched=_same(draft, action),
        left_over=tuple(
            identifier_of(each, "actions.find") for each in published if ours and each is not action
        ),
    ), draft


async def holds_actions(session: Session, integration_id: str) -> bool:
    """Whether anything is published in an integration."""
    async for entity in _entities(session, wire.published_actions()):
        if entity.get("integrationId") == integration_id:
            return True
    return False


async def read_integration_config(session: Session, integration_id: str) -> JsonObject:
    """Read an integration's configuration; a change must send all of it back."""
    request = wire.integration_config(integration_id)
    return _object(await _body(session, request), request.operation.name)


async def read_draft(session: Session, action_id: str) -> JsonObject:
    """Read a draft; its version is what the next change must name.

    Raises:
        NotFound: there is none.
    """
    return _object(await _body(session, wire.get_draft(action_id)), "actions.draft.get")


async def find_integration(session: Session, request: Request, name: str) -> JsonObject | None:
    """Find an integration by its exact name in a listing of one type."""
    async for entity in _entities(session, request):
        if entity.get("name") == name and entity.get("intendedState") != "DELETED":
            return entity
    return None


async def find_named(
    session: Session, request: Request, name: str, integration_id: str
) -> list[JsonObject]:
    """Find the actions or drafts of exactly this name in one integration."""
    return [
        entity
        async for entity in _entities(session, request)
        if entity.get("name") == name and entity.get("integrationId") == integration_id
    ]


async def _entities(session: Session, request: Request) -> AsyncIterator[JsonObject]:
    pager = NumberedPages(extra=request.query)
    while pager.query is not None:
        asked = Request(request.operation, path=request.path, query=pager.query)
        answer = await session.calls.call(asked, timeout=session.timeout)
        for entity in pager.read(answer.body):
            yield _object(entity, request.operation.name)


async def _with_templates(session: Session, action: JsonObject) -> JsonObject:
    action_id = identifier_of(action, "actions.find")
    config = {key: dict(value) if isinstance(value, Mapping) else value
              for key, value in (action.get("config") or {}).items()}  # fmt: skip
    for part, field, request in (
        ("request", "requestTemplate", wire.request_template(action_id)),
        ("response", "successTemplate", wire.success_template(action_id)),
    ):
        section = config.setdefault(part, {})
        if field not in section and f"{field}Uri" in section:
            section[field] = await _template(session, request)
    return {**action, "config": config}


async def _template(session: Session, request: Request) -> str:
    """The text of a template; Tieline keeps an answer that is no JSON under `raw`."""
    try:
        body = await _body(session, request)
    except NotFound:
        return ""
    return str(body.get("raw", "")) if isinstance(body, Mapping) else str(body)


async def _body(session: Session, request: Request) -> Json:
    return (await session.calls.call(request, timeout=session.timeout)).body


def _standing(
    integration_id: str, action: JsonObject, draft: JsonObject | None, credential: str | None
) -> StandingAction:
    contract = action.get("contract") or {}
    config = action.get("config") or {}
    return StandingAction(
        integration_id=integration_id,
        action_id=action.get("id"),
        lock=action.get("version"),
        category=str(action.get("category", "")),
        input_schema=(contract.get("input") or {}).get("inputSchema"),
        output_schema=(contract.get("output") or {}).get("successSchema"),
        config=config,
        credential=credential,
        draft_id=None if draft is None else identifier_of(draft, "actions.drafts"),
        draft_of=None if draft is None else _made_by(draft),
    )


def _same(draft: JsonObject | None, action: JsonObject | None) -> bool:
    """Whether a draft was opened on the action, and not changed since."""
    if draft is None or action is None:
        return False
    return all(draft.get(key) == action.get(key) for key in ("id", "version", "category"))


def _made_by(action: JsonObject) -> str | None:
    headers: Mapping[str, Any] = ((action.get("config") or {}).get("request") or {}).get(
        "headers"
    ) or {}
    return headers.get(VERSION_HEADER)


def _object(value: Json, operation: str) -> JsonObject:
    if not isinstance(value, Mapping):
        raise BadAnswer(f"{operation}: an object was expected")
    return value
