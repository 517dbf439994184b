"""The `config` of a platform action that calls a handler hosted by Tieline.

The body template is `${input.rawRequest}`: the whole input as JSON, with its types and its quotes.
Field-by-field templates are where quotes, nulls and unicode go wrong; the handler's side maps a
flattened input back (contracts/flatten.py), so no template has to.
"""

from collections.abc import Mapping
from typing import Any

from tieline.contracts.translation import WHOLE_ANSWER

WHOLE_INPUT = "${input.rawRequest}"
# The field of the credential that the integration holds; its value never passes through here.
KEY_CREDENTIAL = "${credentials.apiKey}"


def hosted_action_config(*, url: str, name: str, version: str, timeout_s: int) -> dict[str, Any]:
    """Write the request and response configuration for `POST {url}/actions/{name}`."""
    return {
        "timeoutSeconds": timeout_s,
        "request": {
            "requestUrlTemplate": f"{url.rstrip('/')}/actions/{name}",
            "requestTemplate": WHOLE_INPUT,
            "requestType": "POST",
            "headers": {
                "Content-Type": "application/json",
                "X-API-Key": KEY_CREDENTIAL,
                "X-Tieline-Action": f"{name}@{version}",
            },
        },
        "response": {
            "translationMap": {},
            "translationMapDefaults": {},
            "successTemplate": WHOLE_ANSWER,
        },
    }


def comparable_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """Write a configuration so that equal ones compare equal: what is left out is its default."""
    request = config.get("request") or {}
    response = config.get("response") or {}
    return {
        "timeoutSeconds": config.get("timeoutSeconds", 60),
        "url": request.get("requestUrlTemplate", ""),
        "body": request.get("requestTemplate") or WHOLE_INPUT,
        "type": request.get("requestType", "GET"),
        "headers": dict(request.get("headers") or {}),
        "map": dict(response.get("translationMap") or {}),
        "defaults": dict(response.get("translationMapDefaults") or {}),
        "success": response.get("successTemplate") or WHOLE_ANSWER,
    }
