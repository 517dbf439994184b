"""What a deploy of a data action would change, on either surface.

On the platform a published contract is frozen. A changed contract is therefore another action: it
is published under the same name, and the one before keeps its id, for the flows that refer to it,
under a name that says what it is. Without a new version such a change is refused.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tieline.contracts.templates import comparable_config
from tieline.contracts.validation import Schema
from tieline.deployments.plan import Change, Plan, differences, fingerprint
from tieline.errors import Conflict
from tieline.types import JsonObject

# The header by which an action on the platform says which version of ours it is.
VERSION_HEADER = "X-Tieline-Action"


@dataclass(frozen=True, slots=True)
class DesiredAction:
    """What is written locally, in the form that is registered."""

    name: str
    version: str
    description: str
    input_schema: JsonObject
    output_schema: JsonObject
    config: JsonObject = field(default_factory=dict)  # platform only
    category: str = ""  # platform only
    timeout_s: float = 30.0
    credential: str | None = None  # platform only: the id of one; None leaves it as it is

    def contract(self) -> dict[str, Any]:
        """Both schemas, as they are compared."""
        return {"input": dict(self.input_schema), "output": dict(self.output_schema)}


@dataclass(frozen=True, slots=True)
class StandingAction:
    """What stands on the platform under that name in our integration; None fields: nothing."""

    integration_id: str | None = None
    action_id: str | None = None
    lock: int | None = None  # the platform's own version counter
    category: str = ""
    input_schema: JsonObject | None = None
    output_schema: JsonObject | None = None
    config: JsonObject = field(default_factory=dict)
    credential: str | None = None
    draft_id: str | None = None
    draft_of: str | None = None  # `name@version` of the deploy that made the draft
    draft_untouched: bool = False  # it was opened on the action and is still the same
    integration_enabled: bool = True
    left_over: tuple[str, ...] = ()  # ids of actions replaced by this version, name and all

    @property
    def published(self) -> bool:
        """True when there is a published action."""
        return self.action_id is not None

    def contract(self) -> dict[str, Any]:
        """Both schemas, as they are compared."""
        return {"input": dict(self.input_schema or {}), "output": dict(self.output_schema or {})}

    def version(self) -> str | None:
        """Read which of our versions it is from the header it sends; None if it is not ours."""
        headers = (self.config.get("request") or {}).get("headers") or {}
        _, _, version = str(headers.get(VERSION_HEADER, "")).partition("@")
        return version or None

    def base(self) -> str:
        """Fingerprint everything a plan depends on."""
        return fingerprint(
            {
                "integration": self.integration_id,
                "action": self.action_id,
                "lock": self.lock,
                "category": self.category,
                "contract": self.contract(),
                "config": comparable_config(self.config),
                "credential": self.credential,
                "draft": [self.draft_id, self.draft_of],
                "left_over": list(self.left_over),
            }
        )


def plan_on_platform(desired: DesiredAction, standing: StandingAction) -> Plan:
    """Decide what a deploy to the platform would do.

    Raises:
        Conflict: the contract changed under a version that is published, or somebody else's draft
            is in the way.
    """
    ours = f"{desired.name}@{desired.version}"
    theirs = standing.draft_of != ours and not standing.draft_untouched
    if standing.draft_id is not None and theirs:
        raise Conflict(
            f"{desired.name} has a draft that this deploy did not make"
            + (f" ({standing.draft_of})" if standing.draft_of else ""),
            status=409,
            hint="publish or delete that draft first",
        )
    credential = standing.credential if desired.credential is None else desired.credential
    found = differences(
        _state(standing.contract(), standing.config, standing.category, standing.credential),
        _state(desired.contract(), desired.config, desired.category, credential),
    )
    return Plan(
        desired.name,
        desired.version,
        "platform",
        _platform_change(desired, standing, changed=bool(found)),
        standing.base(),
        found,
        resumes=standing.draft_id is not None,
    )


def plan_in_registry(desired: DesiredAction, revisions: Sequence[JsonObject]) -> Plan:
    """Decide what a registration in the guides' dialect would do; a version is immutable there.

    Raises:
        Conflict: that version is registered with another content.
    """
    base = fingerprint(
        sorted(
            ([str(each.get("version")), _definition(each)] for each in revisions),
            key=lambda pair: str(pair[0]),
        )
    )
    after = registered_definition(desired)
    same = [each for each in revisions if each.get("version") == desired.version]
    if not same:
        before = _definition(revisions[-1]) if revisions else {}
        change: Change = "update" if revisions else "create"
        return Plan(
            desired.name, desired.version, "guide", change, base, differences(before, after)
        )
    found = differences(_definition(same[0]), after)
    if found:
        raise _changed_under_version(desired, _definition(same[0])["inputSchema"])
    return Plan(desired.name, desired.version, "guide", "none", base)


def registered_definition(desired: DesiredAction) -> dict[str, Any]:
    """Write the `actionDefinition` of the guides' registration."""
    return {
        "name": desired.name,
        "description": desired.description,
        "version": desired.version,
        "timeout": round(desired.timeout_s * 1000),
        "inputSchema": dict(desired.input_schema),
        "outputSchema": dict(desired.output_schema),
    }


def next_version(version: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Suggest a version: a minor one if every old input stays valid as far as names tell."""
    major, minor, *_ = (int(part) for part in re.findall(r"\d+", version)[:3])
    kept = all(
        after.get("properties", {}).get(name) == field
        for name, field in before.get("properties", {}).items()
    )
    compatible = kept and set(after.get("required", ())) <= set(before.get("required", ()))
    return f"{major}.{minor + 1}.0" if compatible else f"{major + 1}.0.0"


def _platform_change(desired: DesiredAction, standing: StandingAction, *, changed: bool) -> Change:
    if not standing.published:
        return "create"
    same_contract = _same_schema(standing.input_schema, desired.input_schema) and _same_schema(
        standing.output_schema, desired.output_schema
    )
    if same_contract:
        half_done = standing.draft_id is not None or standing.left_over
        return "update" if changed else "finish" if half_done else "none"
    if standing.version() == desired.version:
        raise _changed_under_version(desired, standing.input_schema or {})
    return "replace"


def _changed_under_version(desired: DesiredAction, before: Mapping[str, Any]) -> Conflict:
    following = next_version(desired.version, before, desired.input_schema)
    return Conflict(
        f"{desired.name} {desired.version} is published with another contract or content",
        status=409,
        hint=f"a published version never changes: make it {following}",
    )


def _state(
    contract: JsonObject, config: JsonObject, category: str, credential: str | None
) -> dict[str, Any]:
    return {
        "contract": contract,
        "config": comparable_config(config),
        "category": category,
        "credential": credential,
    }


def _same_schema(left: JsonObject | None, right: JsonObject) -> bool:
    return left is not None and _bare(left) == _bare(right)


def _bare(schema: JsonObject) -> dict[str, Any]:
    """A schema without `$schema`, which some answers leave out; unreadable ones never compare."""
    Schema(schema)
    return {key: value for key, value in schema.items() if key != "$schema"}


def _definition(revision: JsonObject) -> dict[str, Any]:
    named = revision.get("actionDefinition", revision)
    keys = ("name", "description", "version", "timeout", "inputSchema", "outputSchema")
    return {key: named.get(key) for key in keys}
