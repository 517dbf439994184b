"""What `tieline demo` does: each step once, in one dialect, against a running emulator.

A step really sends its requests over HTTP and then asks the emulator's journal what arrived.
"""

import json
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from tieline.blocking.client import Client
from tieline.errors import Error, InvalidInput
from tieline.invocations.outcome import Outcome
from tieline.rules.check import load_ruleset
from tieline.services.routing import RuleDraft
from tieline.types import DialectName

FUNCTION = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
ACTIONS: Mapping[DialectName, str] = {
    "platform": "custom_-_7c1d8a52-3b0e-4f6e-9a53-1d2f5b8c9e01",
    "guide": "0c9a4d8e-2d57-4a0c-8a42-6f0f3c7f5b10",
}
FLOW = "3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11"
USER = "9d2f7a30-5b7e-4f0e-8c3d-2a6b1e4f7c01"
QUEUE = "5b8e1c9d-7a2f-4d3b-8e6c-0f9a1b2c3d03"
LAUNCHES = {"method": "POST", "path": "/api/v2/flows/executions"}


_RULES = """
ruleset: technical-support
queue: Technical Support
fields:
  skill: {type: array, items: {type: string}}
  language: {type: string, enum: [en, de, fr]}
  priority: {type: integer, minimum: 0, maximum: 10}
  vip_flag: {type: boolean}
rules:
  - name: Technical Support Escalation Rule
    priority: 10
    when: >-
      skill contains "technical_support" and language eq "en"
      and (priority gte 5 or vip_flag eq true)
    then: {queue: Technical Support}
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing shown: what was done, what came of it, and whether it is what was promised."""

    dialect: DialectName
    what: str
    came: str
    ok: bool
    facts: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """A record of `tieline demo --json`."""
        return {
            "dialect": self.dialect,
            "what": self.what,
            "came": self.came,
            "ok": self.ok,
            "facts": dict(self.facts),
        }


class Script:
    """The steps of one dialect."""

    def __init__(self, client: Client, emulator_url: str) -> None:
        self._client = client
        self._url = emulator_url
        self._dialect: DialectName = client.profile.api
        self._user = USER if self._dialect == "guide" else None

    def steps(self) -> Iterator[Step]:
        """Do one after the other; each is yielded when it is over."""
        with ThreadPoolExecutor() as threads:  # one client serves any number of them
            acts = (self._function, self._action, self._flow)
            for step in [threads.submit(act) for act in acts]:
                yield step.result()
        yield self._strict()
        yield self._limited()
        yield self._lost()
        if self._dialect == "guide":
            yield self._rule()
            yield self._lost_rule()
        else:
            yield self._deployed_rules()

    def _function(self) -> Step:
        given = {"customerId": "10024", "sessionId": "demo"}
        outcome = self._client.functions.invoke(FUNCTION, given)
        return self._ended("Invoke the function", outcome)

    def _action(self) -> Step:
        payload = _payload() if self._dialect == "guide" else {"customerId": "10024"}
        outcome = self._client.actions.invoke(ACTIONS[self._dialect], payload)
        return self._ended("Invoke the data action", outcome)

    def _strict(self) -> Step:
        guide = self._dialect == "guide"
        wrong = {**_payload(), "priority": "high"} if guide else {"customerId": 10024}
        what, before = "Hand in a wrong type", self._journal()
        try:
            self._client.actions.invoke(ACTIONS[self._dialect], wrong)
        except InvalidInput as error:
            sent = [entry for entry in self._journal(since=before) if entry["method"] == "POST"]
            came = f"refused before anything was sent: {error.message.partition(': ')[2]}"
            return self._step(what, came, ok=not sent, code=error.error_code)
        return self._step(what, "accepted", ok=False)

    def _flow(self) -> Step:
        given = {"Flow.customerId": "10024"}
        outcome = self._client.flows.invoke(FLOW, given, user=self._user)
        return self._ended("Launch the flow", outcome)

    def _limited(self) -> Step:
        self._fault({"kind": "status", "status": 429, "retry_after": 1})
        execution = self._client.flows.launch(FLOW, user=self._user)
        self._no_faults()
        came = (
            f"{execution.status} after {_count(execution.attempts, 'attempt')}, "
            f"execution {execution.id}"
        )
        ok = execution.attempts == 2  # noqa: PLR2004  # the one refused, the one carried out
        what = "Launch the flow; the first answer is 429, Retry-After 1"
        return self._step(what, came, ok=ok, **execution.to_json())

    def _lost(self) -> Step:
        before = self._journal()
        self._fault({"kind": "drop_after_commit"})
        outcome = self._client.flows.invoke(FLOW, user=self._user)
        self._no_faults()
        seen = [e for e in self._journal(since=before) if e["operation"] == "flows.launch"]
        started = [entry for entry in seen if entry["effect"]]
        came = (
            f"{outcome.status}, correlation id {outcome.correlation_id}\n"
            f"not sent again: the emulator's journal shows {_count(len(seen), 'request')} "
            f"and {_count(len(started), 'execution')}"
        )
        ok = outcome.status == "uncertain" and len(seen) == len(started) == 1
        return self._step("Launch the flow; the answer is lost", came, ok=ok, **outcome.to_json())

    def _rule(self) -> Step:
        first = self._client.routing.upsert(_draft("VIP first"))
        again = self._client.routing.upsert(_draft("VIP first"))
        came = f"{first.change} as {first.rule.id}, the second time {again.change}"
        ok = (first.change, again.change) == ("created", "unchanged")
        return self._step("Upsert a routing rule twice", came, ok=ok, rule=first.rule.to_json())

    def _lost_rule(self) -> Step:
        before = self._journal()
        match = {"method": "POST", "path": "/api/v2/routing/rules"}
        self._fault({"kind": "drop_after_commit"}, match=match)
        done = self._client.routing.upsert(_draft("German speakers"))
        self._no_faults()
        seen = [e for e in self._journal(since=before) if e["operation"] == "routing.create"]
        came = f"{done.change} by {_count(len(seen), 'request')}, settled by looking its name up"
        ok = done.settled and len(seen) == 1
        return self._step(
            "Upsert a routing rule; the answer is lost", came, ok=ok, rule=done.rule.to_json()
        )

    def _deployed_rules(self) -> Step:
        planned = self._client.rules.plan(load_ruleset(_RULES))
        done = planned.apply()
        again = self._client.rules.plan(load_ruleset(_RULES)).apply()
        back = self._client.rules.rollback(load_ruleset(_RULES))
        came = (
            f"version {done.facts['version']} published with {_count(done.changes, 'row')} "
            f"that were tried out; the second time {again.change}, then {back.change}"
        )
        ok = (done.change, again.change, back.change) == ("applied", "none", "rolled_back")
        what = "Deploy a routing rule to a decision table and take it back"
        return self._step(what, came, ok=ok, **done.to_json())

    def _ended(self, what: str, outcome: Outcome) -> Step:
        execution = f", execution {outcome.execution_id}" if outcome.execution_id else ""
        came = (
            f"{outcome.status} in {outcome.latency_ms:.0f} ms, "
            f"{_count(outcome.attempts, 'attempt')}{execution}\n"
            f"{json.dumps(outcome.result, ensure_ascii=False)}"
        )
        name = outcome.target.name or outcome.target.id
        ok = outcome.status == "completed"
        return self._step(f"{what} {name}", came, ok=ok, **outcome.to_json())

    def _step(self, what: str, came: str, *, ok: bool, **facts: Any) -> Step:
        return Step(self._dialect, what, came, ok, facts)

    def _fault(self, do: Mapping[str, Any], *, match: Mapping[str, str] = LAUNCHES) -> None:
        self._control("POST", "faults", [{"match": match, "calls": [1], "do": do}])

    def _no_faults(self) -> None:
        self._control("DELETE", "faults")

    def _journal(self, *, since: Any = None) -> Any:
        """How far the journal is; with `since`, the entries after that."""
        entries = self._control("GET", f"journal?since={since or 0}")["entries"]
        if since is not None:
            return entries
        return entries[-1]["n"] if entries else 0

    def _control(self, method: str, what: str, body: Any = None) -> Any:
        request = urllib.request.Request(  # noqa: S310  # our own emulator on loopback
            f"{self._url}/_emulator/{what}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with _OPENER.open(request, timeout=10) as answer:
            content = answer.read()
        return json.loads(content) if content else None


# A proxy that the environment names has nothing to do with loopback.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def guarded(steps: Iterator[Step], dialect: DialectName) -> Iterator[Step]:
    """Turn an error that a step did not expect into a step that failed; the rest is not tried."""
    try:
        yield from steps
    except Error as error:
        came = f"{error.error_code}: {error.message}"
        yield Step(dialect, "An error that was not planned", came, ok=False, facts={})


def _payload() -> dict[str, Any]:
    contact = {"external_id": "10024", "channel": "chat", "timestamp": "2026-01-31T12:00:00Z"}
    return {"contact": contact, "priority": 3, "tags": ["callback"]}


def _draft(name: str) -> RuleDraft:
    tree = {"type": "condition", "field": "vip_flag", "operator": "eq", "value": True}
    return RuleDraft(name, QUEUE, tree, priority=10)


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
