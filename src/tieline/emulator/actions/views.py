"""Actions, contracts and configurations as they are answered."""

from typing import Any

from tieline.emulator.actions.flattened import flat_schema
from tieline.emulator.actions.state import DEFAULT_REQUEST, DEFAULT_RESPONSE
from tieline.emulator.call import Call
from tieline.emulator.tables import Document
from tieline.types import JsonObject

PREFIX = "/api/v2/integrations/actions"
ERROR_SCHEMA: JsonObject = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "title": "Error",
    "type": "object",
    "properties": {"errorCode": {"type": "string"}, "message": {"type": "string"}},
}


def view(call: Call, action: Document, *, draft: bool = False) -> dict[str, Any]:
    """An action; contract and config are expanded when the query asks for them."""
    place = f"{PREFIX}/{action['id']}" + ("/draft" if draft else "")
    body: dict[str, Any] = {
        "id": action["id"],
        "name": action["name"],
        "integrationId": action["integrationId"],
        "category": action["category"],
        "version": action["version"],
        "secure": action["secure"],
        "contract": _contract(action, place, call),
        "selfUri": place,
    }
    if call.flag("includeConfig"):
        functions = call.world.integrations.has_functions(action["integrationId"])
        body["config"] = _config(action, place, url=_function_url(action) if functions else None)
    return body


def whole(call: Call, action: Document, *, draft: bool = False) -> dict[str, Any]:
    """An action as a change answers it: contract and config expanded."""
    call.query["expand"] = ["contract"]
    call.query["includeConfig"] = ["true"]
    return view(call, action, draft=draft)


def schema_of(action: Document, file_name: str) -> JsonObject | None:
    """The schema under one of the platform's file names."""
    schemas: dict[str, JsonObject] = {
        "input.json": action["inputSchema"],
        "success.json": action["successSchema"],
        "error.json": ERROR_SCHEMA,
    }
    return schemas.get(file_name)


def template_of(action: Document, file_name: str) -> str | None:
    """The template under one of the platform's file names."""
    config = action["config"]
    templates: dict[str, str] = {
        "requesttemplate.vm": request_of(config)["requestTemplate"],
        "successtemplate.vm": response_of(config)["successTemplate"],
    }
    return templates.get(file_name)


def request_of(config: JsonObject) -> JsonObject:
    """The request part, defaults filled in."""
    return {**DEFAULT_REQUEST, **(config.get("request") or {})}


def response_of(config: JsonObject) -> JsonObject:
    """The response part, defaults filled in."""
    return {**DEFAULT_RESPONSE, **(config.get("response") or {})}


def _contract(action: Document, place: str, call: Call) -> dict[str, Any]:
    inputs: dict[str, Any] = {"inputSchemaUri": f"{place}/schemas/input.json"}
    output: dict[str, Any] = {
        "successSchemaUri": f"{place}/schemas/success.json",
        "errorSchemaUri": f"{place}/schemas/error.json",
    }
    if "contract" in call.many("expand"):
        if call.flag("flatten"):
            inputs["inputSchemaFlattened"] = flat_schema(action["inputSchema"])[0]
            schema, arrays = flat_schema(action["successSchema"])
            output["successSchemaFlattened"] = {"schema": schema, "arrayProperties": arrays}
        else:
            inputs["inputSchema"] = action["inputSchema"]
            output["successSchema"] = action["successSchema"]
            output["errorSchema"] = ERROR_SCHEMA
    return {"input": inputs, "output": output}


def _function_url(action: Document) -> str:
    """What the platform fills in for a function, whatever is sent; its form is not documented."""
    return f"{PREFIX}/{action['id']}/function"


def _config(action: Document, place: str, *, url: str | None) -> dict[str, Any]:
    config = action["config"]
    request = {k: v for k, v in request_of(config).items() if k != "requestTemplate"}
    if url is not None:
        request["requestUrlTemplate"] = url
    response = {k: v for k, v in response_of(config).items() if k != "successTemplate"}
    return {
        **config,
        "request": {**request, "requestTemplateUri": f"{place}/templates/requesttemplate.vm"},
        "response": {**response, "successTemplateUri": f"{place}/templates/successtemplate.vm"},
    }
