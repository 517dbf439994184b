"""`rules fmt`: conditions in one spelling, everything else (comments, order) left as it is.

Also the whole file as data, its conditions in either form: what round trips are tested with.
"""

import re
from typing import Any, Literal

from tieline.errors import InvalidInput
from tieline.rules.document import Node, read_document
from tieline.rules.exact_number import plain_json
from tieline.rules.model import Expression, Rule, Ruleset
from tieline.rules.text_form import TextFault, parse_text
from tieline.rules.text_writer import write_text
from tieline.rules.tree_form import expression_to_tree
from tieline.types import Json

Form = Literal["text", "tree"]

_WIDEST_LINE = 100
_ANCHOR = re.compile(r"&\S+\s+")
# What YAML lets stand without quotes, in block and flow context alike.
_PLAIN = re.compile(r"[^\W\d_(][^:#,\[\]{}\n]*\Z|\([^:#,\[\]{}\n]*\Z")


def format_source(text: str) -> str:
    """The file with every text condition respelled: one line, one space, words for operators.

    A condition that would not fit on a line stays as its author broke it.

    Raises:
        InvalidInput: the file cannot be read, or a condition has a syntax error.
    """
    document = read_document(text)
    rules = document.root.get("rules")
    pieces: list[str] = []
    done = 0
    for rule in (rules.items if rules is not None else None) or ():
        when = rule.get("when")
        if when is None or not isinstance(when.scalar, str) or when.start < done:
            continue  # a tree, or an alias of a condition that stands further up
        written = _respelled(document.source, when)
        if written is not None:
            pieces += [document.source[done : when.start], written]
            done = when.end
    return "".join(pieces) + document.source[done:]


def ruleset_to_json(ruleset: Ruleset, *, form: Form) -> dict[str, Any]:
    """The rule set as a rule file's data; reading it back gives an equal rule set."""
    document: dict[str, Any] = {"ruleset": ruleset.name}
    if ruleset.description:
        document["description"] = ruleset.description
    if ruleset.queue is not None:
        document["queue"] = ruleset.queue
    document["priority_order"] = ruleset.priority_order
    document["fields"] = plain_json(dict(ruleset.fields))
    if ruleset.required:
        document["required"] = list(ruleset.required)
    document["rules"] = [_rule_to_json(rule, form) for rule in ruleset.rules]
    if ruleset.default is not None:
        document["default"] = ruleset.default
    if ruleset.cases:
        document["cases"] = [
            {"name": case.name, "record": plain_json(case.record), "expect": case.expect}
            for case in ruleset.cases
        ]
    return document


def expression_to(form: Form, expression: Expression) -> Json:
    """The expression in one of its two forms."""
    return write_text(expression) if form == "text" else expression_to_tree(expression)


def _rule_to_json(rule: Rule, form: Form) -> dict[str, Any]:
    document: dict[str, Any] = {"name": rule.name}
    if rule.description:
        document["description"] = rule.description
    document["priority"] = rule.priority
    if not rule.enabled:
        document["enabled"] = False
    document["when"] = expression_to(form, rule.when)
    document["then"] = dict(rule.then)
    return document


def _respelled(source: str, node: Node) -> str | None:
    raw = source[node.start : node.end]
    anchor = _ANCHOR.match(raw)
    try:
        text = write_text(parse_text(str(node.scalar)))
    except TextFault as exc:
        raise InvalidInput(
            f"the condition at line {node.line} cannot be formatted: {exc.fault.message}",
            hint="`tieline rules check` shows where",
        ) from exc
    quoted = text if _PLAIN.match(text) else "'" + text.replace("'", "''") + "'"
    if source.lstrip().startswith("{"):
        return None  # JSON is left to JSON's own formatters
    if (node.column or 1) - 1 + len(quoted) > _WIDEST_LINE and "\n" in raw.strip():
        return None
    blanks = raw[len(raw.rstrip()) :]
    return (anchor[0] if anchor else "") + quoted + blanks
