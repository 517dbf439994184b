"""Reading what stands on the platform under a function's name."""

from tieline.deployments.function_plan import FunctionState, StandingFunction
from tieline.dialects import platform_deployment as shared
from tieline.dialects import platform_functions as wire
from tieline.dialects.reading import identifier_of, version_of
from tieline.services.deploying.action_standing import (
    find_integration,
    find_named,
)
from tieline.services.looking_up import read_object
from tieline.services.session import Session
from tieline.types import JsonObject


async def read_function_standing(
    session: Session, *, name: str, integration: str
) -> StandingFunction:
    """Read the integration, the published function and the draft of a name, as far as they are."""
    found = await find_integration(session, wire.integrations(), integration)
    if found is None:
        return StandingFunction()
    integration_id = identifier_of(found, "integrations.list")
    actions = await find_named(session, shared.find_actions(name), name, integration_id)
    drafts = await find_named(session, shared.find_drafts(name), name, integration_id)
    return StandingFunction(
        integration_id=integration_id,
        enabled=found.get("intendedState") == "ENABLED",
        published=await _published(session, actions[0]) if actions else None,
        draft=await _drafted(session, drafts[0]) if drafts else None,
    )


async def read_draft_state(session: Session, action_id: str) -> FunctionState:
    """Read a draft with its function; its `lock` is what the next change must name.

    Raises:
        NotFound: there is none.
    """
    return await _drafted(session, await read_object(session, shared.get_draft(action_id)))


async def _published(session: Session, action: JsonObject) -> FunctionState:
    request = wire.published_function(identifier_of(action, "actions.find"))
    return function_state(action, await read_object(session, request))


async def _drafted(session: Session, draft: JsonObject) -> FunctionState:
    request = wire.draft_function(identifier_of(draft, "actions.drafts"))
    return function_state(draft, await read_object(session, request))


def function_state(action: JsonObject, config: JsonObject) -> FunctionState:
    """Join an action's document and its FunctionConfig."""
    contract, shown = action.get("contract") or {}, config.get("zip") or {}
    settings = config.get("function") or {}
    request = (action.get("config") or {}).get("request") or {}
    return FunctionState(
        action_id=identifier_of(action, "actions.find"),
        lock=version_of(action, "actions.find"),
        category=str(action.get("category", "")),
        contract={
            "input": (contract.get("input") or {}).get("inputSchema") or {},
            "output": (contract.get("output") or {}).get("successSchema") or {},
        },
        headers=dict(request.get("headers") or {}),
        settings=settings,
        zip_id=settings.get("zipId") or shown.get("id"),
        zip_status=shown.get("status"),
    )
