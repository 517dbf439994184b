"""Conditions, field names and literals in the text form; `parse_text` reads them back."""

import json
import re

from tieline.rules.exact_number import exact, number_text
from tieline.rules.model import And, Condition, Expression, Not, Or
from tieline.rules.text_form import RESERVED
from tieline.types import Json

# Nothing YAML takes for a line break, refuses, or shows as nothing may stand there as it is.
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_PLAIN_FIELD = re.compile(r"[^\W\d][\w.\-]*\Z")


def write_text(expression: Expression) -> str:
    """The text form; `parse_text` gives the same expression back, but for groups of one child."""
    expression = _opened(expression)
    match expression:
        case Condition():
            return _condition_text(expression)
        case Not(child=child):
            return f"not {_operand_text(child, 3)}"
        case And(children=children):
            return _joined(children, " and ", 2)
        case Or(children=children):
            return _joined(children, " or ", 1)


def literal_text(value: Json) -> str:
    """A literal as the text form and messages show it; it may stand in a YAML file."""
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)
        return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    number = exact(value)
    return json.dumps(value, default=str) if number is None else number_text(number)


def field_text(name: str) -> str:
    """A field's name, in backquotes where the text form needs them."""
    if _PLAIN_FIELD.match(name) and name not in RESERVED:
        return name
    return "`" + name.replace("`", "``") + "`"


def _condition_text(condition: Condition) -> str:
    name = field_text(condition.field)
    if condition.operator in ("exists", "not_exists"):
        value = "" if condition.value is None else f" {literal_text(condition.value)}"
        return f"{condition.operator} {name}{value}"
    return f"{name} {condition.operator} {literal_text(condition.value)}"


def _joined(children: tuple[Expression, ...], word: str, binding: int) -> str:
    return word.join(_operand_text(child, binding + 1) for child in children)


def _opened(expression: Expression) -> Expression:
    """Without groups of one, which the text form has no way to write."""
    while isinstance(expression, And | Or) and len(expression.children) == 1:
        expression = expression.children[0]
    return expression


def _operand_text(child: Expression, binding: int) -> str:
    child = _opened(child)
    text = write_text(child)
    bare = {Condition: 4, Not: 3, And: 2, Or: 1}[type(child)]
    return text if bare >= binding else f"({text})"
