"""Requests to the emulator that were right once; then parts of them were replaced by anything."""

import random
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from emulator_driver import CONTACT, FLOW, FUNCTION, INTAKE, LOOKUP, QUEUE, USER

from tieline.emulator.routes import Route

FUNCTIONS = "f0a2c6e8-1b3d-4e5f-9a7c-8b6d4f2e0c11"
SERVICES = "d7b1a4e0-3c5f-4a2b-8d9e-6f0c1b2a3d10"
_SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
_CONDITION = {"type": "condition", "field": "a", "operator": "eq", "value": 1}
_GROUP_RULE = {
    "operator": "GreaterThan",
    "conditionValue": 1,
    "waitSeconds": 2,
    "groups": [{"id": "g", "type": "GROUP"}],
}
_CONTACT = {"external_id": "e", "channel": "chat", "timestamp": "2026-01-01T00:00:00Z"}
BODIES: list[Any] = [
    {"flowId": FLOW, "flowVersion": "3.0", "inputData": {"Flow.customerId": "1"}, "name": "x",
     "user": {"id": USER}},
    {"customCodeId": FUNCTION, "inputs": {"customerId": "1"}, "timeout": 5},
    {"actionDefinition": {"name": "custom_z", "version": "1.0.0", "description": "d",
                          "timeout": 3000, "inputSchema": _SCHEMA, "outputSchema": _SCHEMA}},
    {"contact": _CONTACT, "priority": 1, "tags": ["a"], "callback_url": "https://a.example"},
    {"name": "r", "queue": {"id": QUEUE}, "priority": 1, "enabled": True, "version": 1,
     "expression": {"type": "and", "children": [_CONDITION]}},
    {"category": "c", "name": "n", "integrationId": SERVICES, "secure": False, "version": 1,
     "config": {"timeoutSeconds": 5,
                "request": {"requestUrlTemplate": "a", "requestTemplate": "${input.rawRequest}",
                            "requestType": "POST", "headers": {"X": "y"}},
                "response": {"translationMap": {"a": "$.a"}, "successTemplate": "${rawResult}"}},
     "contract": {"input": {"inputSchema": _SCHEMA}, "output": {"successSchema": _SCHEMA}}},
    {"customerId": "10024"},
    {"description": "d", "handler": "src/index.handler", "runtime": "nodejs22.x",
     "timeoutSeconds": 3},
    {"fileName": "a.zip", "signedUrlTimeoutSeconds": 5},
    {"name": "c", "type": {"name": "userDefined"}, "credentialFields": {"a": "b"}},
    {"name": "i", "integrationType": {"id": "custom-rest-actions"}, "intendedState": "ENABLED"},
    {"version": 1, "properties": {}, "advanced": {}, "credentials": {"basicAuth": {"id": "x"}}},
    {"name": "q", "conditionalGroupRouting": {"rules": [_GROUP_RULE]}},
    {"interval": "2026-11-01T00:00:00Z/2026-11-02T00:00:00Z", "order": "asc", "limit": 2},
    {"exportType": "Populated", "format": "Csv", "tableVersion": 1},
    {"importMode": "Append", "fileName": "a.csv"},
    {"status": "Cancelled"},
    {"snapshotName": "s", "notes": "n"},
    {"sourceVersion": 1, "rollbackReason": "x", "name": "copy"},
    {"inputs": {"tier": "gold"}},
    {"filter": {"predicates": [{"columnId": "c", "operator": "Equals", "value": "a"}]}},
]  # fmt: skip
ANYTHING: list[Any] = [
    None, True, False, 0, -1, 2**31, 2**63, 1e308, 1.5, "", "x", "\x00", "ü😀", "a" * 5000, [],
    [[]], {}, {"id": []}, {"": {}}, [None], "2026-01-01", "9" * 400, "#set($x = 1)${x", "$esc.url(",
    "../..", {"$ref": "#"}, {"special": "Null"}, {"literal": {"special": "Wildcard"}},
]  # fmt: skip
NAMES = [
    "pageSize", "pageNumber", "after", "before", "cursor", "nextPage", "expand", "includeConfig",
    "flatten", "name", "ids", "id", "type", "status", "sortBy", "sortOrder", "schemaId", "deleted",
    "hasSnapshot", "withPublishedVersion", "divisionIds", "divisionId", "queueId", "secure",
]  # fmt: skip
VALUES = [
    "1", "0", "25", "101", "x", "", "true", "contract", "desc", "\x00", "9" * 4400, "c1", "p1",
    "c" + "9" * 4400, "p" + "9" * 4400, "*", "[", "[!", "\\", "ü", "a,b,,c",
]  # fmt: skip
IDS = [
    FLOW, USER, CONTACT, QUEUE, INTAKE, LOOKUP, FUNCTION, FUNCTIONS, SERVICES, "1", "me", "..",
    "input.json", "platform.api", "requesttemplate.vm", "9" * 30, "-1", "ü", "a/b",
]  # fmt: skip
LIKELY = {"flowId": FLOW, "queueId": QUEUE, "actionId": LOOKUP, "dataActionId": INTAKE}


@dataclass(frozen=True)
class Wild:
    """One request; `route` is the call that it may have been meant for."""

    route: Route
    target: str
    body: Any


class WildRequests:
    """Endless requests from one seed.

    `ids` are by the names of the paths' parameters, `bodies` what the state can take besides.
    """

    def __init__(
        self, routes: tuple[Route, ...], seed: int, *, ids: Mapping[str, str], bodies: list[Any]
    ) -> None:
        self._chance = random.Random(seed)  # noqa: S311  # a test's
        # A token that is taken back ends the game.
        kept = [route for route in routes if route.operation != "tokens.revoke"]
        self._routes = [route for route in kept if not route.form and not route.raw]
        self._changing = [route for route in self._routes if route.method in CHANGING]
        self._ids = {**LIKELY, **ids}
        self._bodies = [*BODIES, *bodies * 3]

    def __iter__(self) -> Iterator[Wild]:
        while True:
            often = self._chance.random() < 0.7
            route = self._chance.choice(self._changing if often else self._routes)
            body = self._mutated() if route.method in CHANGING else ...
            yield Wild(route, self._target(route.path), body)

    def _target(self, path: str) -> str:
        filled = re.sub(r"\{(\w+)\}", lambda found: quote(self._id(found[1]), safe=""), path)
        count = self._chance.choice([0, 0, 1, 2])
        pairs = [(self._chance.choice(NAMES), self._chance.choice(VALUES)) for _ in range(count)]
        return f"{filled}?{urlencode(pairs)}" if pairs else filled

    def _id(self, parameter: str) -> str:
        likely = self._ids.get(parameter)
        if likely is None or self._chance.random() < 0.3:
            return self._chance.choice([*IDS, *self._ids.values()])
        return likely

    def _mutated(self) -> Any:
        whole = {"body": deepcopy(self._chance.choice(self._bodies))}
        for _ in range(self._chance.choice([0, 1, 1, 2])):
            holder, key = self._chance.choice(list(_places(whole)))
            holder[key] = deepcopy(self._chance.choice(ANYTHING))
        return whole["body"]


CHANGING = ("POST", "PUT", "PATCH")


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a value inside: what holds it, and under which key."""
    keys = list(node) if isinstance(node, dict) else range(len(node))
    for key in keys:
        yield node, key
        if isinstance(node[key], dict | list):
            yield from _places(node[key])
