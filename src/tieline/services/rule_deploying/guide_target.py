"""Rules to the guides' API: upserted one after the other, put back when one is refused.

The dialect has no transaction. Each change goes from the content that was read to the content that
is wanted; whatever else is found there on the way belongs to somebody else and ends the deployment.
"""

from collections.abc import Mapping
from typing import Any

from tieline.deployments.guide_rules import (
    Key,
    Wanted,
    content_of,
    differing,
    keyed,
    listed,
    plan_rules,
    wanted_rules,
)
from tieline.deployments.journal import Deployment, History, RuleTarget
from tieline.dialects.entries import RoutingRule
from tieline.errors import Conflict, Error, OutcomeUnknown, StalePlan
from tieline.rules.diff import RulesPlan
from tieline.rules.guide_rules import compile_guide
from tieline.services.deploying.log import DeploymentLog
from tieline.services.routing import AsyncRouting, RuleDraft
from tieline.services.rule_deploying.source import CheckedRules
from tieline.services.session import Session
from tieline.types import JsonObject

# A change whose answer was lost is looked at and, where it did not happen, asked for again.
MOST_TRIES = 3
_PAUSE_SECONDS = 0.5


class GuideTarget:
    """One rule set on its way to the rules of its queues."""

    kind: RuleTarget = "guide"

    def __init__(self, session: Session) -> None:
        self._clock = session.clock
        self._routing = AsyncRouting(session)

    async def plan(self, rules: CheckedRules, history: History) -> tuple[RulesPlan, list[str]]:
        """Compare the file with what stands; also what the plan leaves alone, in sentences.

        Raises:
            Unsupported: `then` says more than this dialect can.
        """
        compiled = compile_guide(rules.ruleset, queue_ids=rules.queue_ids)
        left = history.standing.facts.get("after", ()) if history.standing else ()
        unfinished = history.unfinished.facts.get("previous", ()) if history.unfinished else ()
        wanted = wanted_rules(
            compiled.payloads, ours=keyed(left, "document"), before=keyed(unfinished, "document")
        )
        standing = await self._standing(wanted)
        target = f"rules of {rules.ruleset.name}"
        return plan_rules(target, wanted, standing), [*compiled.notes, *_others(wanted, standing)]

    def facts(self, rules: CheckedRules, plan: RulesPlan, history: History) -> dict[str, Any]:
        """What stands before the deployment, and what will after it."""
        compiled = compile_guide(rules.ruleset, queue_ids=rules.queue_ids)
        after: Wanted = {Key.of(payload): payload for payload in compiled.payloads}
        previous = {_key(each.before or each.after): each.before for each in plan.changes}
        if history.unfinished is not None:  # what stood before the one that was cut off
            previous |= keyed(history.unfinished.facts.get("previous", ()), "document")
        return {"previous": listed(previous, "document"), "after": listed(after, "document")}

    async def apply(
        self, rules: CheckedRules, plan: RulesPlan, log: DeploymentLog
    ) -> dict[str, Any]:
        """Carry a plan out, in its order; the result has the id of each rule.

        Raises:
            Error: a change was refused; the message says what became of those before it.
        """
        before: Wanted = {_key(each.before or each.after): each.before for each in plan.changes}
        after: Wanted = {_key(each.before or each.after): each.after for each in plan.changes}
        origin = keyed(log.facts["previous"], "document")
        made = keyed(log.facts["after"], "document")
        del rules
        standing = await self._standing({**made, **after})
        rules_then = await self._move_all(
            standing, before, after, log, origin={**before, **origin}, made=made
        )
        return {"rules": {key.name: rules_then[key].id for key in made if key in rules_then}}

    async def rollback(self, deployment: Deployment, log: DeploymentLog) -> dict[str, Any]:
        """Put back what stood before a deployment, all or nothing.

        Raises:
            StalePlan: a rule was changed since; nothing was changed.
        """
        after = keyed(deployment.facts.get("after", ()), "document")
        before = keyed(deployment.facts.get("previous", ()), "document")
        changed = {key: after.get(key) for key in before}
        standing = await self._standing(before)
        for key, document in before.items():
            found = None if key not in standing else content_of(standing[key])
            if not (_same(found, changed[key]) or _same(found, document)):
                raise StalePlan(
                    f"the rule `{key.name}` was changed since it was deployed; nothing was changed",
                    hint="`tieline rules plan` shows the difference",
                )
        await self._move_all(standing, changed, before, log, origin=changed, made={})
        return {}

    async def _move_all(
        self, standing: Mapping[Key, RoutingRule], before: Wanted, after: Wanted,
        log: DeploymentLog, *, origin: Wanted, made: Wanted,
    ) -> dict[Key, RoutingRule]:  # fmt: skip
        """Make all changes, or go back to the `origin`; returns what stands then.

        `made` stands since an earlier attempt.
        """
        rules_then = dict(standing)
        touched: dict[Key, tuple[JsonObject | None, ...]] = {
            key: (made.get(key),) for key in origin if key not in after
        }
        try:
            for key, document in after.items():
                touched[key] = (document, before[key])
                verb = "delete" if document is None else "put"
                with log.step(f"{verb} {key.name}"):
                    rule = await self._move(key, (before[key],), document, standing)
                if rule is None:
                    rules_then.pop(key, None)
                else:
                    rules_then[key] = rule
        except Error as error:
            log.left = await self._put_back(touched, origin, log)
            _tell(error, log.left)
            raise
        return rules_then

    async def _put_back(
        self, touched: Mapping[Key, tuple[JsonObject | None, ...]], origin: Wanted,
        log: DeploymentLog,
    ) -> list[str]:  # fmt: skip
        """Undo, the last first; returns the names of the rules that could not be put back."""
        left = []
        for key in reversed(list(touched)):
            for pause in (0.0, _PAUSE_SECONDS, 4 * _PAUSE_SECONDS):
                await self._clock.sleep(pause)
                try:
                    with log.step(f"put back {key.name}"):
                        await self._move(key, touched[key], origin[key], None)
                    break
                except StalePlan:  # somebody else's by now: not ours to undo
                    break
                except Error:
                    continue
            else:
                left.append(key.name)
        return left

    async def _move(
        self,
        key: Key,
        before: tuple[JsonObject | None, ...],
        after: JsonObject | None,
        standing: Mapping[Key, RoutingRule] | None,
    ) -> RoutingRule | None:
        """Bring one rule from one of some contents to another; done already is fine."""
        lost: Error | None = None
        for _ in range(MOST_TRIES):
            found = (standing or await self._standing({key: None})).get(key)
            standing = None  # from here on only what is read again counts
            content = None if found is None else content_of(found)
            if _same(content, after):
                return found
            if not any(_same(content, one) for one in before):
                raise StalePlan(f"the rule `{key.name}` was changed by somebody else meanwhile")
            try:
                return await self._change(found, after)
            except OutcomeUnknown as error:
                lost = error
            except Conflict as error:  # the lost request was carried out late, or we read too early
                if lost is None:
                    raise
                lost = error
        raise lost or StalePlan(f"the rule `{key.name}` does not settle")

    async def _change(
        self, found: RoutingRule | None, after: JsonObject | None
    ) -> RoutingRule | None:
        if after is None:
            if found is not None:
                await self._routing.delete(found)
            return None
        if found is None:
            return await self._routing.create(_draft(after))
        fields = differing(content_of(found), after)
        return await self._routing.patch(found, {key: after[key] for key in fields})

    async def _standing(self, wanted: Wanted) -> dict[Key, RoutingRule]:
        """Every rule on the queues that are named, by key."""
        found = {}
        for queue_id in sorted({key.queue_id for key in wanted}):
            async for rule in self._routing.list(queue_id=queue_id):
                found[Key(rule.queue_id or queue_id, rule.name)] = rule
        return found


def _draft(document: JsonObject) -> RuleDraft:
    return RuleDraft(
        name=document["name"],
        queue_id=document["queue"]["id"],
        expression=document["expression"],
        priority=document["priority"],
        enabled=document["enabled"],
        description=document["description"],
    )


def _key(document: JsonObject | None) -> Key:
    return Key.of(document or {})


def _same(left: JsonObject | None, right: JsonObject | None) -> bool:
    if left is None or right is None:
        return left is right
    return not differing(left, right)


def _others(wanted: Wanted, standing: Mapping[Key, RoutingRule]) -> list[str]:
    names = sorted(key.name for key in standing if key not in wanted)
    if not names:
        return []
    return [f"left alone, not of this file: {', '.join(f'`{name}`' for name in names)}"]


def _tell(error: Error, left: list[str]) -> None:
    """Add what became of the changes before the one that failed."""
    if left:
        names = ", ".join(f"`{name}`" for name in left)
        told = f"{names} could not be put back: run the command again to go on"
    else:
        told = "everything before it was put back"
    error.message = f"{error.message}; {told}"
    error.args = (error.message,)
