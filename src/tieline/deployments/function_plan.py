"""What a deploy of a function would change, and whether a draft that is in the way is ours.

The platform never gives code back, so what is deployed is remembered beside it, in two headers of
the action's own configuration, published with the code and visible to everybody who deploys:

- `X-Tieline-Deploy`, a fingerprint of all that one deploy wants: a draft with another one than the
  published action's was begun by a deploy that did not end;
- `X-Tieline-Code`, the digest of the code and the id of the zip it was uploaded as. Where the
  function has another zip, somebody else has uploaded, and the code counts as unknown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tieline.contracts.validation import Schema
from tieline.deployments.function_definition import FunctionDefinition
from tieline.deployments.function_package import Package
from tieline.deployments.plan import Change, Plan, differences, fingerprint
from tieline.errors import Conflict
from tieline.types import JsonObject

DEPLOY_HEADER = "X-Tieline-Deploy"
CODE_HEADER = "X-Tieline-Code"
_SETTINGS = ("description", "handler", "runtime", "timeoutSeconds")


@dataclass(frozen=True, slots=True)
class DesiredFunction:
    """What is written locally; `handler` is one that the package holds."""

    definition: FunctionDefinition
    package: Package
    handler: str

    @property
    def name(self) -> str:
        """What it is called on the platform."""
        return self.definition.name

    def settings(self) -> dict[str, Any]:
        """The function's settings as they are put."""
        definition = self.definition
        return {
            "description": definition.description,
            "handler": self.handler,
            "runtime": definition.runtime,
            "timeoutSeconds": definition.timeout_s,
        }

    def contract(self) -> dict[str, Any]:
        """Both schemas."""
        definition = self.definition
        return {"input": dict(definition.input_schema), "output": dict(definition.output_schema)}

    def headers(self, *, zip_id: str | None) -> dict[str, str]:
        """The action's headers; `zip_id` is None until the code is on the platform."""
        marks = {DEPLOY_HEADER: self.deploy_mark()}
        if zip_id is not None:
            marks[CODE_HEADER] = f"{self.package.digest} {zip_id}"
        return {**(self.definition.headers or {}), **marks}

    def deploy_mark(self) -> str:
        """A fingerprint of everything that is wanted."""
        return fingerprint([self.state(), self.contract()])[:16]

    def state(self) -> dict[str, Any]:
        """What is compared beside the contract, which cannot change."""
        return {
            "code": self.package.digest,
            "category": self.definition.category,
            "headers": dict(self.definition.headers or {}),
            "settings": self.settings(),
        }


@dataclass(frozen=True, slots=True)
class FunctionState:
    """A published function or a draft, as the platform tells it."""

    action_id: str
    lock: int
    category: str
    contract: JsonObject
    headers: Mapping[str, str] = field(default_factory=dict)
    settings: JsonObject = field(default_factory=dict)
    zip_id: str | None = None
    zip_status: str | None = None

    def code(self) -> str | None:
        """The digest of its code; None where that is not known."""
        digest, _, zip_id = self.headers.get(CODE_HEADER, "").partition(" ")
        return digest if digest and zip_id == self.zip_id else None

    def deploy_mark(self) -> str | None:
        """Which deploy it is of; None where none of ours made it."""
        return self.headers.get(DEPLOY_HEADER)

    def state(self) -> dict[str, Any]:
        """The counterpart of `DesiredFunction.state`."""
        marks = {DEPLOY_HEADER, CODE_HEADER}
        return {
            "code": self.code(),
            "category": self.category,
            "headers": {name: v for name, v in self.headers.items() if name not in marks},
            "settings": {name: self.settings.get(name) for name in _SETTINGS},
        }


@dataclass(frozen=True, slots=True)
class StandingFunction:
    """What stands under the function's name in its integration; None: nothing."""

    integration_id: str | None = None
    enabled: bool = False
    published: FunctionState | None = None
    draft: FunctionState | None = None

    def base(self) -> str:
        """Fingerprint everything a plan depends on."""
        both = [_whole(each) for each in (self.published, self.draft)]
        return fingerprint([self.integration_id, self.enabled, *both])


def plan_function(desired: DesiredFunction, standing: StandingFunction) -> Plan:
    """Decide what a deploy would do.

    Raises:
        Conflict: the contract differs from the published one, or somebody else's draft is in the
            way.
    """
    published, draft = standing.published, standing.draft
    if draft is not None and not may_take_up(draft, published):
        raise Conflict(
            f"{desired.name} has a draft that no deploy of Tieline made",
            status=409,
            hint="publish or delete that draft first",
        )
    if published is not None and _bare(published.contract) != _bare(desired.contract()):
        raise Conflict(
            f"{desired.name} is published with another contract, and that is frozen",
            status=409,
            hint="deploy it under another name, or delete the published one first",
        )
    before = {} if published is None else published.state()
    found = differences(before, desired.state())
    change: Change = "create" if published is None else "update" if found else "none"
    return Plan(
        target=desired.name,
        version=desired.package.digest[:16],
        dialect="platform",
        change=change,
        base=standing.base(),
        differences=found,
        resumes=draft is not None,
    )


def may_take_up(draft: FunctionState, published: FunctionState | None) -> bool:
    """Whether a draft was begun by a deploy of ours, or is an untouched copy of what stands.

    A deploy that died right after opening its draft has left such a copy.
    """
    if published is not None and draft.deploy_mark() == published.deploy_mark():
        return draft.state() == published.state()
    return draft.deploy_mark() is not None


def _whole(state: FunctionState | None) -> Any:
    if state is None:
        return None
    return [state.action_id, state.lock, dict(state.headers), state.zip_id, state.state(),
            dict(state.contract)]  # fmt: skip


def _bare(contract: JsonObject) -> dict[str, Any]:
    """Both schemas without `$schema`, which some answers leave out."""
    bare = {}
    for side in ("input", "output"):
        schema = contract.get(side) or {}
        Schema(schema)
        bare[side] = {key: value for key, value in schema.items() if key != "$schema"}
    return bare
