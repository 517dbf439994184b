"""What became of the deployments of one rule set, read from its journal.

    begin → step (before) → step (after) → … → end

A deployment that begins and does not end was cut off: the next one continues it, with what it had
learned. Facts are merged in the order they were written; `previous` tells how to go back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from tieline.types import JsonObject

Action = Literal["apply", "rollback"]
State = Literal["running", "deployed", "undone", "incomplete", "rolled_back", "superseded"]
RuleTarget = Literal["guide", "table", "queue"]

# The process stopped, or could not put everything back.
UNFINISHED: frozenset[State] = frozenset({"running", "incomplete"})


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a deployment; `done` is false where the process never came back from it."""

    name: str
    at: str
    done: bool

    def to_json(self) -> dict[str, Any]:
        """An entry of a status document's `steps`."""
        return {"name": self.name, "at": self.at, "done": self.done}


@dataclass(frozen=True, slots=True)
class Deployment:
    """One use of `apply` or `rollback`.

    `desired` is the fingerprint of what was to stand, `file` the SHA-256 of the rule file, `of` the
    deployment that a rollback takes back.
    """

    id: str
    action: Action
    started: str
    desired: str = ""
    file: str = ""
    of: str | None = None
    state: State = "running"
    ended: str | None = None
    message: str = ""
    steps: tuple[Step, ...] = ()
    facts: JsonObject = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """An entry of the document of `rules status`."""
        return {
            "id": self.id,
            "action": self.action,
            "state": self.state,
            "file": self.file,
            "desired": self.desired,
            "of": self.of,
            "started": self.started,
            "ended": self.ended,
            "message": self.message,
            "steps": [step.to_json() for step in self.steps],
        }


@dataclass(frozen=True, slots=True)
class History:
    """All deployments of one rule set to one target, the oldest first."""

    deployments: tuple[Deployment, ...] = ()
    planned: Mapping[str, str] = field(default_factory=dict)  # desired → base, as last shown

    @property
    def standing(self) -> Deployment | None:
        """The last one that succeeded and was not taken back."""
        found = (each for each in reversed(self.deployments) if each.state == "deployed")
        return next((each for each in found if each.action == "apply"), None)

    @property
    def unfinished(self) -> Deployment | None:
        """The last one, if it was cut off or could not put everything back."""
        last = self.deployments[-1] if self.deployments else None
        return last if last is not None and last.state in UNFINISHED else None


def read_history(entries: Iterable[JsonObject]) -> History:
    """Fold a journal's entries."""
    found: dict[str, Deployment] = {}
    planned: dict[str, str] = {}
    for entry in entries:
        name = str(entry.get("deployment", ""))
        match entry.get("event"):
            case "planned":
                planned = {str(entry["desired"]): str(entry["base"])}
            case "begin":
                planned = {}
                found[name] = _begun(entry, found)
            case "step" if name in found:
                found[name] = _stepped(found[name], entry)
            case "end" if name in found:
                _end(found, found[name], entry)
    return History(tuple(found.values()), planned)


def _begun(entry: JsonObject, found: dict[str, Deployment]) -> Deployment:
    before = found.get(str(entry.get("continues")))
    facts: dict[str, Any] = {}
    if before is not None:
        found[before.id] = replace(before, state="superseded")
        facts |= before.facts
    return Deployment(
        id=str(entry["deployment"]),
        action=entry["action"],
        started=str(entry["at"]),
        desired=str(entry.get("desired", "")),
        file=str(entry.get("file", "")),
        of=entry.get("of"),
        facts={**facts, **entry.get("facts", {})},
    )


def _stepped(deployment: Deployment, entry: JsonObject) -> Deployment:
    step = Step(str(entry["step"]), str(entry["at"]), done=entry["phase"] == "after")
    steps = deployment.steps
    if step.done and steps and steps[-1].name == step.name and not steps[-1].done:
        steps = steps[:-1]
    facts = {**deployment.facts, **entry.get("facts", {})}
    return replace(deployment, steps=(*steps, step), facts=facts)


def _end(found: dict[str, Deployment], deployment: Deployment, entry: JsonObject) -> None:
    state: State = entry["state"]
    found[deployment.id] = replace(
        deployment,
        state=state,
        ended=str(entry["at"]),
        message=str(entry.get("message", "")),
        facts={**deployment.facts, **entry.get("facts", {})},
    )
    if deployment.action == "rollback" and state == "deployed" and deployment.of in found:
        found[deployment.of] = replace(found[deployment.of], state="rolled_back")
