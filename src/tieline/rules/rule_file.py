"""A rule file, read: the rules that could be, and everything that could not, with its place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Literal, cast
from unicodedata import category

from tieline.errors import InvalidInput, LimitExceeded
from tieline.rules.document import (
    Document,
    Node,
    decode,
    json_from_node,
    node_from_json,
    read_document,
)
from tieline.rules.finding import Fault, Finding
from tieline.rules.model import Case, Expression, Position, Rule, Ruleset
from tieline.rules.scalar_place import excerpt, scalar_place
from tieline.rules.text_form import TextFault, parse_text
from tieline.rules.tree_form import read_tree
from tieline.types import Json

_FILE_KEYS = (
    "$schema", "ruleset", "description", "queue", "priority_order",
    "fields", "required", "default", "rules", "cases",
)  # fmt: skip
_RULE_KEYS = ("name", "description", "priority", "enabled", "when", "then")
_CASE_KEYS = ("name", "record", "expect")
# Controls, and the breaks of lines and paragraphs.
_UNSEEN = frozenset({"Cc", "Zl", "Zp"})
_ORDERS = ("highest_first", "lowest_first")
# A simulation keeps in 16 bits which rule takes a record.
MOST_RULES = 50_000
# A file of nonsense is told its first thousand faults.
MOST_FINDINGS = 1_000


@dataclass(frozen=True, slots=True)
class RuleFile:
    """`ruleset` holds the rules that could be read; `rules` counts all that were written."""

    ruleset: Ruleset
    findings: tuple[Finding, ...]
    rules: int
    source: str = ""
    faulty: tuple[Rule, ...] = ()  # what could be read of the others, for `check` alone
    places: Mapping[str, Position] = field(default_factory=dict)  # of what is outside the rules

    def show(self, finding: Finding) -> str:
        """The finding's line of the file with a caret; empty without a file."""
        return excerpt(self.source.split("\n"), finding.at)


def read_rule_file(data: bytes | str) -> RuleFile:
    """Read a YAML or JSON rule file; faults inside it become findings.

    Raises:
        InvalidInput: it cannot be read as a rule file at all.
        LimitExceeded: it is larger than a rule file can sensibly be, in bytes, values or rules.
    """
    document = read_document(decode(data) if isinstance(data, bytes) else data)
    return _Reader(document).read()


def rule_file_from_json(value: Json) -> RuleFile:
    """Read a rule file given as parsed JSON or YAML; findings then have paths and no lines."""
    return _Reader(Document(node_from_json(value), "")).read()


def read_cases(data: bytes | str) -> tuple[Case, ...]:
    """Read a file of cases alone: a list, or a mapping with a list of `cases`.

    Raises:
        InvalidInput: it is neither, or a case is not usable.
    """
    document = read_document(decode(data) if isinstance(data, bytes) else data)
    listed = document.root if document.root.items is not None else document.root.get("cases")
    if listed is None:
        raise InvalidInput("this file has no list of `cases`")
    reader = _Reader(document)
    cases = reader.cases(listed)
    if reader.findings:
        raise InvalidInput(
            f"a case cannot be used: {reader.findings[0].message}",
            details=[finding.to_json() for finding in reader.findings],
        )
    return cases


@dataclass(slots=True)
class _Reader:
    document: Document
    findings: list[Finding] = field(default_factory=list)
    faults: int = 0
    names: dict[str, Position] = field(default_factory=dict)
    places: dict[str, Position] = field(default_factory=dict)

    def read(self) -> RuleFile:
        """Every part of the file, once."""
        root = self.document.root
        rules = root.get("rules")
        if root.pairs is None or rules is None or rules.items is None:
            raise InvalidInput(
                "this is not a rule file: it has no list of `rules`",
                hint="a rule file has `ruleset`, `fields` and a list of `rules`",
            )
        if len(rules.items) > MOST_RULES:
            raise LimitExceeded(
                f"the file has {len(rules.items):,} rules, more than the {MOST_RULES:,} allowed",
                hint="split it into one file a queue",
            )
        self.only(root, _FILE_KEYS, "a rule file", "", None)
        read = [self.rule(node, number) for number, node in enumerate(rules.items)]
        sound = tuple(rule for rule, is_sound in read if rule is not None and is_sound)
        faulty = tuple(rule for rule, is_sound in read if rule is not None and not is_sound)
        cases = root.get("cases")
        ruleset = Ruleset(
            name=self.text(root, "ruleset", None, needed=True),
            fields=self.fields(root),
            rules=sound,
            queue=self.queue(root, "queue", None),
            priority_order=self.order(root),
            required=self.required(root),
            default=self.target(root, "default", None),
            description=self.text(root, "description", None),
            cases=() if cases is None else self.cases(cases),
        )
        findings, count = tuple(self.findings), len(rules.items)
        places = {**self.places, **_field_places(root)}
        return RuleFile(ruleset, findings, count, self.document.source, faulty, places)

    def rule(self, node: Node, number: int) -> tuple[Rule | None, bool]:
        """What can be read of one rule, and whether that is all of it."""
        path = f"rules[{number}]"
        if node.pairs is None:
            self.fault("a rule is a mapping with name, when and then", None, _at(node, path))
            return None, False
        before = self.faults
        named = node.get("name")
        name = str(named.scalar) if named is not None and isinstance(named.scalar, str) else None
        self.only(node, _RULE_KEYS, "a rule", path, name)
        self.visible(self.text(node, "name", name, needed=True, path=path), name, named, path)
        self.unique(name, _at(named or node, path))
        when = node.get("when")
        expression = None
        if when is None:
            self.fault("the rule has no `when`", name, _at(node, path))
        else:
            expression = self.expression(when, f"{path}.when", name)
        then = self.target(node, "then", name, path=path)
        if then is None and node.get("then") is None:
            self.fault(
                "the rule has no `then`",
                name,
                _at(node, path),
                "say where a record goes: `then: {queue: …}`",
            )
        priority = self.priority(node, path, name)
        enabled = self.enabled(node, path, name)
        description = self.text(node, "description", name, path=path)
        if expression is None:
            return None, False
        at = _at(node, path)
        rule = Rule(name or "", expression, then or {}, priority, enabled, description, at)
        return rule, self.faults == before

    def visible(self, text: str, rule: str | None, node: Node | None, path: str) -> None:
        """A name goes to reports, terminals and the platform: it is one line of characters."""
        odd = next((one for one in text if category(one) in _UNSEEN), None)
        if odd is not None and node is not None:
            message = f"`name` holds the control character U+{ord(odd):04X}"
            self.fault(message, rule, _at(node, f"{path}.name"))

    def unique(self, name: str | None, at: Position) -> None:
        """A rule is known by its name alone: on the platform, in reports, in `expect`."""
        if name is None:
            return
        first = self.names.setdefault(name, at)
        if first is not at:
            where = "" if first.line is None else f" (line {first.line})"
            message = f"another rule{where} is called `{name}` too"
            self.add(Fault("duplicate-name", message, "give it a name of its own"), name, at)

    def expression(self, node: Node, path: str, rule: str | None) -> Expression | None:
        """A condition in either form."""
        if not isinstance(node.scalar, str):
            return read_tree(node, path, lambda fault, at: self.add(fault, rule, at))
        place = scalar_place(self.document.source, node, path)
        try:
            return parse_text(node.scalar, place)
        except TextFault as exc:
            self.add(exc.fault, rule, place(exc.fault.offset))
            return None

    def fields(self, root: Node) -> Mapping[str, Mapping[str, Any]]:
        """The record's properties; their schemas are judged by `check`."""
        node = root.get("fields")
        if node is None or node.pairs is None:
            at = _at(root if node is None else node, "fields")
            self.fault("`fields` is missing: a mapping of names to JSON Schemas", None, at)
            return {}
        return cast("Mapping[str, Mapping[str, Any]]", json_from_node(node))

    def required(self, root: Node) -> tuple[str, ...]:
        """Names of fields every record has."""
        node = root.get("required")
        if node is None:
            return ()
        names = [item.scalar for item in node.items or ()]
        if node.items is None or not all(isinstance(name, str) for name in names):
            self.fault("`required` is a list of names", None, _at(node, "required"))
            return ()
        known = root.get("fields")
        for number, item in enumerate(node.items):
            if known is not None and known.get(str(item.scalar)) is None:
                fault = Fault(
                    "unknown-field", f"`required` names the unknown field `{item.scalar}`"
                )
                self.add(fault, None, _at(item, f"required[{number}]"))
        return tuple(str(name) for name in names)

    def order(self, root: Node) -> Literal["highest_first", "lowest_first"]:
        """Which priority goes first."""
        node = root.get("priority_order")
        if node is None or node.scalar == "highest_first":
            return "highest_first"
        if node.scalar != "lowest_first":
            message = f"`priority_order` is {_ORDERS[0]} or {_ORDERS[1]}"
            self.fault(message, None, _at(node, "priority_order"))
        return "lowest_first"

    def priority(self, node: Node, path: str, rule: str | None) -> int:
        """A whole number; 0 where none is written."""
        found = node.get("priority")
        if found is None:
            return 0
        if isinstance(found.scalar, bool) or not isinstance(found.scalar, int):
            self.fault("`priority` is a whole number", rule, _at(found, f"{path}.priority"))
            return 0
        return found.scalar

    def enabled(self, node: Node, path: str, rule: str | None) -> bool:
        """True where it is not written."""
        found = node.get("enabled")
        if found is None:
            return True
        if not isinstance(found.scalar, bool):
            self.fault("`enabled` is true or false", rule, _at(found, f"{path}.enabled"))
            return True
        return found.scalar

    def target(
        self, node: Node, key: str, rule: str | None, *, path: str = ""
    ) -> Mapping[str, Any] | None:
        """Where a record goes; None where it is not written, or no mapping."""
        found = node.get(key)
        if found is None:
            return None
        if found.pairs is None or not found.pairs:
            where = _at(found, f"{path}.{key}".lstrip("."))
            self.fault(f"`{key}` is a mapping such as {{queue: …}}", rule, where)
            return None
        at = f"{path}.{key}".lstrip(".")
        self.places[at] = _at(found, at)
        self.queue(found, at, rule)
        return cast("Mapping[str, Any]", json_from_node(found))

    def text(
        self, node: Node, key: str, rule: str | None, *, needed: bool = False, path: str = ""
    ) -> str:
        """A text value; empty where it is not written and need not be."""
        found = node.get(key)
        if found is None:
            if needed:
                self.fault(f"`{key}` is missing", rule, _at(node, path or key))
            return ""
        if not isinstance(found.scalar, str) or (needed and not found.scalar.strip()):
            empty = isinstance(found.scalar, str) or found.scalar is None
            more = " and cannot be empty" if empty and needed else ""
            hint = "" if empty or found.pairs or found.items else "put it in quotes"
            at = _at(found, f"{path}.{key}".lstrip("."))
            self.fault(f"`{key}` is text{more}", rule, at, hint)
            return ""
        return found.scalar

    def queue(self, node: Node, path: str, rule: str | None) -> Json:
        """The queue a mapping names; `path` is where findings about it say they are."""
        found = node.get("queue")
        if found is None:
            return None
        self.places[path] = _at(found, path)
        named = found.get("id") or found.get("name") or found
        if not isinstance(named.scalar, str) or not named.scalar.strip():
            message = "`queue` is the name of a queue, or {id: …}"
            self.fault(message, rule, self.places[path])
            return None
        return json_from_node(found)

    def cases(self, node: Node) -> tuple[Case, ...]:
        """Examples for `rules test`: a record and the rule that should take it."""
        if node.items is None:
            self.fault("`cases` is a list", None, _at(node, "cases"))
            return ()
        return tuple(
            case
            for number, item in enumerate(node.items)
            if (case := self.case(item, f"cases[{number}]")) is not None
        )

    def case(self, node: Node, path: str) -> Case | None:
        """One example; `expect` is a rule's name or null."""
        self.only(node, _CASE_KEYS, "a case", path, None)
        record, expect = node.get("record"), node.get("expect")
        fits = expect is not None and (expect.scalar is None or isinstance(expect.scalar, str))
        if record is None or record.pairs is None or expect is None or not fits:
            message = "a case has a `record` and `expect`, the name of a rule or null"
            self.fault(message, None, _at(node, path))
            return None
        name = self.text(node, "name", None, path=path)
        expected = cast("str | None", expect.scalar)
        return Case(name, json_from_node(record), expected, _at(node, path))

    def only(
        self, node: Node, known: tuple[str, ...], what: str, path: str, rule: str | None
    ) -> None:
        """Every key must be known; a near miss is named."""
        for key, _ in node.pairs or ():
            if key.scalar not in known:
                close = get_close_matches(str(key.scalar), known, n=1)
                hint = f"did you mean `{close[0]}`?" if close else f"known are {', '.join(known)}"
                where = _at(key, f"{path}.{key.scalar}".lstrip("."))
                self.fault(f"{what} has no key `{key.scalar}`", rule, where, hint)

    def fault(self, message: str, rule: str | None, at: Position, hint: str = "") -> None:
        """A fault of form."""
        self.add(Fault("syntax", message, hint), rule, at)

    def add(self, fault: Fault, rule: str | None, at: Position) -> None:
        """Keep a finding, up to MOST_FINDINGS."""
        self.faults += 1
        if len(self.findings) < MOST_FINDINGS:
            found = Finding(fault.severity, fault.code, fault.message, rule, at, fault.hint)
            self.findings.append(found)


def _field_places(root: Node) -> dict[str, Position]:
    """Where each field stands, by path."""
    found = {}
    fields = root.get("fields")
    for name, _ in (fields.pairs if fields is not None else None) or ():
        path = f"fields.{name.scalar}"
        found[path] = _at(name, path)
    return found


def _at(node: Node, path: str) -> Position:
    return Position(path, node.line, node.column)
