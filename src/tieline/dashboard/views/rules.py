"""Deployments of routing rules as a page shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tieline.dashboard.showing import document, record_time, visible
from tieline.deployments.journal import Deployment, State
from tieline.services.state_reading.rules import RuleJournal

TARGETS = {
    "guide": "routing rules (guide dialect)",
    "table": "decision table",
    "queue": "conditional group routing of a queue",
}
_TONES: Mapping[State, str] = {
    "running": "sent",
    "deployed": "done",
    "undone": "failed",
    "incomplete": "uncertain",
    "rolled_back": "terminated",
    "superseded": "pending",
}
MOST_SHOWN = 50
# What a deployment learned that a person asks for; the rest is in its document.
_FACTS = ("name", "table", "draft", "schema", "queue", "previous", "tried", "told")


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of a deployment."""

    name: str
    at: str
    done: bool


@dataclass(frozen=True, slots=True)
class DeploymentView:
    """One use of `rules apply` or `rules rollback`."""

    id: str
    action: str
    state: str
    tone: str
    started: str
    ended: str
    message: str
    file: str
    of: str
    steps: Sequence[StepView]
    facts: Sequence[tuple[str, str]]
    rules: Sequence[str]
    text: str


@dataclass(frozen=True, slots=True)
class JournalView:
    """One rule set at one target; `version` and `rules` are those of the deployment that stands."""

    name: str
    ruleset: str
    target: str
    place: str
    state: str
    tone: str
    version: str
    since: str
    file: str
    rules: Sequence[str]
    deployments: Sequence[DeploymentView]
    more: int
    problem: str


def journal_view(journal: RuleJournal) -> JournalView:
    """A journal, its newest deployment first."""
    history = journal.history
    standing, unfinished = history.standing, history.unfinished
    shown = [_deployment(one) for one in reversed(history.deployments[-MOST_SHOWN:])]
    if unfinished is not None:
        state, tone = f"unfinished: {unfinished.state}", "uncertain"
    elif standing is not None:
        state, tone = "deployed", "done"
    else:
        state, tone = "none deployed", "pending"
    return JournalView(
        name=journal.name,
        ruleset=visible(journal.ruleset),
        target=TARGETS[journal.target],
        place=journal.place,
        state=state,
        tone=tone,
        version="" if standing is None else _version(standing),
        since="" if standing is None else record_time(standing.ended or standing.started),
        file="" if standing is None else visible(standing.file[:12]),
        rules=() if standing is None else _rule_names(standing.facts),
        deployments=shown,
        more=len(history.deployments) - len(shown),
        problem=visible(journal.problem or "", most=400),
    )


def _deployment(one: Deployment) -> DeploymentView:
    facts = [
        (name.replace("_", " "), visible(str(one.facts[name])))
        for name in _FACTS
        if isinstance(one.facts.get(name), str | int)
    ]
    return DeploymentView(
        id=visible(one.id),
        action=visible(one.action),
        state=_state(one),
        tone=_TONES.get(one.state, "pending"),
        started=record_time(one.started),
        ended="" if one.ended is None else record_time(one.ended),
        message=visible(one.message, most=400),
        file=visible(one.file[:12]),
        of=visible(str(one.of or "")),
        steps=[StepView(visible(s.name), record_time(s.at), s.done) for s in one.steps],
        facts=facts,
        rules=_rule_names(one.facts),
        text=document(one.facts),
    )


def _state(one: Deployment) -> str:
    # The journal calls a rollback that was carried out deployed, as it does an apply.
    if one.action == "rollback" and one.state == "deployed":
        return "carried out"
    return visible(one.state).replace("_", " ")


def _version(standing: Deployment) -> str:
    draft = standing.facts.get("draft")
    return "" if draft is None else visible(str(draft))


def _rule_names(facts: Mapping[str, Any]) -> list[str]:
    """The names of the rules that were deployed, from what each target notes of them."""
    names, after = facts.get("names"), facts.get("after")
    if isinstance(names, Mapping):
        found = [str(name) for name in names.values()]
    elif isinstance(after, list):
        documents = [one.get("document", one) for one in after if isinstance(one, Mapping)]
        found = [
            str(one["name"]) for one in documents if isinstance(one, Mapping) and "name" in one
        ]
    else:
        found = []
    return [visible(name) for name in dict.fromkeys(found)][:MOST_SHOWN]
