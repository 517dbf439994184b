"""What `tieline actions build` finds out, without asking anybody."""

from typing import Any

import orjson

from tieline.actions.definition import Action
from tieline.actions.running import read_request
from tieline.contracts.restrictions import platform_restrictions
from tieline.contracts.templates import hosted_action_config
from tieline.contracts.translation import Translation
from tieline.contracts.validation import Schema
from tieline.contracts.velocity import Template
from tieline.errors import InvalidInput
from tieline.types import DialectName, JsonObject

# Shown in the place of the integration's credential, which nobody here knows.
HIDDEN = "***"


def built(action: Action) -> dict[str, Any]:
    """Derive both contracts and list what each dialect would refuse."""
    problems = {"platform": _platform_problems(action), "guide": _timeout_problems(action, "guide")}
    return {
        "name": action.name,
        "version": action.version,
        "input_schema": action.registered_input.schema,
        "output_schema": action.output_schema,
        "flattened": {leaf.name: ".".join(leaf.path) for leaf in action.registered_input.leaves},
        "problems": problems,
        "allowed": {dialect: not found for dialect, found in problems.items()},
    }


def rendered(
    action: Action, payload: JsonObject, *, url: str, answer: JsonObject | None
) -> dict[str, Any]:
    """Render the request of one input, and translate an answer, as the platform does.

    Raises:
        InvalidInput: the input or the answer breaks the contract, or a template cannot be rendered.
    """
    Schema(action.registered_input.schema).check(payload, what="--input")
    body = orjson.dumps(payload)
    read_request(action, body)
    config = hosted_action_config(
        url=url, name=action.name, version=action.version, timeout_s=round(action.timeout_s)
    )
    request = config["request"]
    values = {
        "input": {**payload, "rawRequest": body.decode()},
        "credentials": {"apiKey": HIDDEN},
    }
    document = {
        "method": request["requestType"],
        "url": Template(request["requestUrlTemplate"]).render(values),
        "headers": {
            name: Template(value).render(values) for name, value in request["headers"].items()
        },
        "body": Template(request["requestTemplate"]).render(values),
    }
    if answer is None:
        return {"request": document}
    response = config["response"]
    translation = Translation(
        response["translationMap"], response["translationMapDefaults"], response["successTemplate"]
    )
    output = translation.apply(orjson.dumps(answer).decode())
    Schema(action.output_schema).check(output, what="the translated answer")
    return {"request": document, "output": output}


def _platform_problems(action: Action) -> list[dict[str, Any]]:
    found = platform_restrictions(action.registered_input.schema, action.output_schema)
    listed = [
        {"field": each.field, "rule": each.rule, "message": each.message, "fix": each.fix}
        for each in found
    ]
    return listed + _timeout_problems(action, "platform")


def _timeout_problems(action: Action, dialect: DialectName) -> list[dict[str, Any]]:
    try:
        action.check_timeout(dialect)
    except InvalidInput as refused:
        return [{"field": "timeout", "rule": "timeout", "message": refused.message,
                 "fix": refused.hint}]  # fmt: skip
    return []
