"""Rules to a queue's conditional group routing, where they use its two metrics only.

A queue has no version and is replaced as a whole: it is read right before it is written, and what
was read must be what the plan was made from.
"""

from collections.abc import Mapping
from typing import Any

from tieline.calls.operation import Answer
from tieline.deployments.journal import Deployment, History, RuleTarget
from tieline.dialects.queues import get_queue, put_group_routing
from tieline.errors import (
    ApiError,
    BadAnswer,
    Conflict,
    Error,
    InvalidInput,
    OutcomeUnknown,
    StalePlan,
)
from tieline.rules.diff import Change, ChangeKind, RulesPlan, fingerprint
from tieline.rules.group_routing import compile_group_routing
from tieline.services.deploying.log import DeploymentLog
from tieline.services.recording.recorded import Subject, recorded_call
from tieline.services.rule_deploying.source import CheckedRules
from tieline.services.session import Session
from tieline.types import Json, JsonObject

MOST_TRIES = 3
# What GET adds to a rule and a PUT does not need.
_DEFAULT_WAIT_SECONDS = 2


class QueueTarget:
    """One rule set on its way to its queue."""

    kind: RuleTarget = "queue"

    def __init__(self, session: Session) -> None:
        self._session = session

    async def plan(self, rules: CheckedRules, history: History) -> tuple[RulesPlan, list[str]]:
        """Compare with the queue's conditional group routing.

        Raises:
            Unsupported: the rules are more than comparisons of the queue's metrics.
            InvalidInput: the file names no queue.
        """
        del history
        wanted = compile_group_routing(rules.ruleset)
        queue = await self._read(_queue_id(rules))
        standing = _routing(queue)
        fields = ("rules",)
        changes: tuple[Change, ...] = ()
        if not _same(standing, wanted):
            kind: ChangeKind = "add" if standing is None else "change"
            changes = (Change(kind, rules.ruleset.name, standing, wanted, fields),)
        base = fingerprint([queue["id"], queue.get("dateModified"), standing])
        unchanged = 0 if changes else len(wanted["rules"])
        target = f"conditional group routing of {queue.get('name')}"
        return RulesPlan(target, base, fingerprint(wanted), changes, unchanged), []

    def facts(self, rules: CheckedRules, plan: RulesPlan, history: History) -> dict[str, Any]:
        """What stands, to go back to."""
        facts: dict[str, Any] = {
            "queue": _queue_id(rules), "after": compile_group_routing(rules.ruleset),
        }  # fmt: skip
        inherited = {} if history.unfinished is None else history.unfinished.facts
        standing = plan.changes[0].before if plan.changes else facts["after"]
        ours = [inherited[key] for key in ("previous", "after") if key in inherited]
        if not any(_same(standing, one) for one in ours):  # what somebody wrote since counts
            facts["previous"] = standing
        return facts

    async def apply(
        self, rules: CheckedRules, plan: RulesPlan, log: DeploymentLog
    ) -> Mapping[str, Any]:
        """Write the routing into the queue, and read it back.

        Raises:
            StalePlan: it was changed between the plan and the write.
            OutcomeUnknown: it may be written; the next apply finds out.
            Error: it was refused, or is not kept as it was sent; the message says what stands.
        """
        standing = plan.changes[0].before if plan.changes else log.facts["after"]
        queue_id, after = str(log.facts["queue"]), log.facts["after"]
        with log.step("write"):
            await self._written(queue_id, (standing,), after, log)
        with log.step("read back"):
            queue = await self._read(queue_id)
            if not _same(_routing(queue), after):
                log.left = [rules.ruleset.name]
                raise BadAnswer(
                    f"conditional group routing of {queue.get('name')} was not kept as it was sent",
                    hint="`tieline rules plan` shows the difference, `rollback` takes it back",
                )
        names = [rule.name for rule in rules.ruleset.ordered()]
        return {"queue": queue_id, "rules": {name: f"{queue_id}#{name}" for name in names}}

    async def rollback(self, deployment: Deployment, log: DeploymentLog) -> Mapping[str, Any]:
        """Write back what stood before.

        Raises:
            StalePlan: it was changed since.
        """
        facts = deployment.facts
        with log.step("write back"):
            before = (facts["after"],)
            await self._written(str(facts["queue"]), before, facts["previous"], log)
        return {"queue": facts["queue"]}

    async def _written(
        self, queue_id: str, before: tuple[JsonObject | None, ...], after: JsonObject | None,
        log: DeploymentLog,
    ) -> None:  # fmt: skip
        try:
            await self._write(queue_id, before, after)
        except OutcomeUnknown:
            log.left = [queue_id]
            raise
        except ApiError as error:
            error.message = f"{error.message}; the queue goes on as it was"
            error.args = (error.message,)
            raise

    async def _write(
        self, queue_id: str, before: tuple[JsonObject | None, ...], after: JsonObject | None
    ) -> None:
        lost: Error | None = None
        for _ in range(MOST_TRIES):
            queue = await self._read(queue_id)
            standing = _routing(queue)
            if _same(standing, after):
                return
            if not any(_same(standing, one) for one in before):
                raise StalePlan(
                    f"conditional group routing of {queue.get('name')} was changed by somebody "
                    "else; nothing was changed"
                )
            request = put_group_routing(queue, after)
            try:
                await recorded_call(self._session, request, Subject("queue", queue_id), _ignored)
            except (OutcomeUnknown, Conflict) as error:
                lost = error
            except ApiError:  # a 5xx may have been carried out all the same
                if _same(_routing(await self._read(queue_id)), after):
                    return
                raise
            else:
                return
        raise lost or BadAnswer("queues.put: the queue does not settle")

    async def _read(self, queue_id: str) -> JsonObject:
        answer = await self._session.calls.call(get_queue(queue_id), timeout=self._session.timeout)
        if not isinstance(answer.body, dict):
            raise BadAnswer("queues.get: an object was expected")
        return answer.body


def _queue_id(rules: CheckedRules) -> str:
    queue = rules.ruleset.queue
    given = (queue.get("id") or queue.get("name")) if isinstance(queue, Mapping) else queue
    if given not in rules.queue_ids:
        raise InvalidInput(
            "these rules need to know whose conditional group routing they are",
            hint="give the file a `queue`",
        )
    return rules.queue_ids[str(given)]


def _routing(queue: JsonObject) -> JsonObject | None:
    found = queue.get("conditionalGroupRouting") or {}
    return found if found.get("rules") else None


def _same(left: JsonObject | None, right: JsonObject | None) -> bool:
    return fingerprint(_plain(left)) == fingerprint(_plain(right))


def _plain(routing: JsonObject | None) -> Json:
    """What counts: an answer's groups have names beside their ids, and defaults are spelled out."""
    if routing is None or not routing.get("rules"):
        return None
    return [
        {
            "metric": rule.get("metric") or "EstimatedWaitTime",
            "operator": rule.get("operator"),
            "value": rule.get("conditionValue"),
            "wait": rule.get("waitSeconds", _DEFAULT_WAIT_SECONDS),
            "queue": (rule.get("queue") or {}).get("id"),
            "groups": [[one.get("id"), one.get("type")] for one in rule.get("groups") or ()],
        }
        for rule in routing["rules"]
    ]


def _ignored(answer: Answer) -> None:
    del answer
