"""Rules as the guides' API takes them: one payload a rule, its condition as a tree."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tieline.errors import InvalidInput, Unsupported
from tieline.rules.model import Rule, Ruleset
from tieline.rules.tree_form import expression_to_tree
from tieline.types import Json


@dataclass(frozen=True, slots=True)
class GuideRules:
    """`payloads` in file order; `notes` say what this dialect has no place for."""

    payloads: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]


def compile_guide(ruleset: Ruleset, *, queue_ids: Mapping[str, str]) -> GuideRules:
    """One payload for every rule of a checked rule set, disabled ones included.

    Raises:
        Unsupported: `then` says more than a queue.
        InvalidInput: a queue is not among `queue_ids`, which maps names to ids.
    """
    payloads = tuple(_payload(rule, ruleset, queue_ids) for rule in ruleset.rules)
    notes = []
    if ruleset.default is not None:
        notes.append("the default is not deployed: this dialect has no place for it")
    if ruleset.priority_order == "lowest_first":
        notes.append("the rules try low priorities first; the server must be set up to do so too")
    return GuideRules(payloads, tuple(notes))


def _payload(rule: Rule, ruleset: Ruleset, queue_ids: Mapping[str, str]) -> dict[str, Any]:
    more = sorted(set(rule.then) - {"queue"})
    if more:
        line = "" if rule.at.line is None else f"line {rule.at.line}: "
        raise Unsupported(
            f"{line}`{rule.name}`: this dialect has no place for `then.{more[0]}`",
            details=[{"loc": [rule.at.path], "type": "inexpressible", "line": rule.at.line}],
        )
    queue = rule.then.get("queue", ruleset.queue)
    return {
        "name": rule.name,
        "description": rule.description,
        "queue": {"id": _queue_id(queue, rule, queue_ids)},
        "expression": expression_to_tree(rule.when),
        "priority": rule.priority,
        "enabled": rule.enabled,
    }


def _queue_id(queue: Json, rule: Rule, queue_ids: Mapping[str, str]) -> str:
    if isinstance(queue, Mapping) and isinstance(queue.get("id"), str):
        return str(queue["id"])
    name = queue.get("name") if isinstance(queue, Mapping) else queue
    if name not in queue_ids:
        raise InvalidInput(
            f"`{rule.name}`: the queue `{name}` is not known", hint="give its id: {id: …}"
        )
    return queue_ids[str(name)]
