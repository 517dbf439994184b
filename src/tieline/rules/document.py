"""A YAML or JSON document as nodes that know where they stand; read without recursion.

YAML's events are composed here rather than by PyYAML's loader, whose composer recurses, silently
keeps the last of two equal keys and guesses types (`no` is a boolean there). Scalars follow the
YAML 1.2 core schema: only `true`, `false`, `null` and JSON-like numbers are anything but text.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import yaml

from tieline.errors import InvalidInput, LimitExceeded
from tieline.rules.exact_number import number_from_text
from tieline.types import Json

# A file of 10,000 rules with a few conditions each has 3 MB; ten times that is no rule file.
LARGEST_FILE_BYTES = 32 * 1024 * 1024
# Counted as if every alias were written out: what a reader of the tree would have to visit.
MOST_NODES = 3_000_000
# libyaml looks at every open bracket for each token: a hundred thousand cost half a minute.
DEEPEST_NESTING = 25_000

_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
# JSON writes a character beyond U+FFFF as two escapes, YAML as one.
_SURROGATES = re.compile(
    r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
)

Scalar = None | bool | int | Decimal | str


@dataclass(slots=True, eq=False)
class Node:
    """A mapping's `pairs`, a sequence's `items` or a `scalar`; line and column count from 1."""

    line: int | None = None
    column: int | None = None
    pairs: "list[tuple[Node, Node]] | None" = None
    items: "list[Node] | None" = None
    scalar: Scalar = None
    start: int = 0  # offsets of the raw scalar in the source, its quotes included
    end: int = 0
    weight: int = 1  # nodes below and including this one, aliases written out

    def get(self, key: str) -> "Node | None":
        """The value of a key of a mapping; None where there is none."""
        return next((value for name, value in self.pairs or () if name.scalar == key), None)


@dataclass(frozen=True, slots=True)
class Document:
    """What was read: the root node, and the text it was read from, for excerpts."""

    root: Node
    source: str


@dataclass(slots=True)
class _Composer:
    source: str
    root: Node | None = None
    open: list[Node] = field(default_factory=list)
    keys: list[tuple[Node | None, set[Scalar]]] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    anchors: dict[str, Node] = field(default_factory=dict)

    def add(self, node: Node) -> None:
        """Attach a complete node to the innermost open collection, as item, key or value."""
        if not self.open:
            self.root = node
            return
        parent = self.open[-1]
        parent.weight += node.weight
        if parent.weight > MOST_NODES:
            raise _unreadable("it has too many values once its aliases are written out", node)
        if parent.items is not None:
            parent.items.append(node)
            return
        key, seen = self.keys[-1]
        if key is not None and parent.pairs is not None:
            parent.pairs.append((key, node))
            self.keys[-1] = (None, seen)
            return
        if node.pairs is not None or node.items is not None or not isinstance(node.scalar, str):
            raise _unreadable("a key must be text", node)
        if node.scalar in seen:
            raise _unreadable(f"the key {node.scalar!r} stands twice in one mapping", node)
        seen.add(node.scalar)
        self.keys[-1] = (node, seen)

    def begin(self, node: Node, anchor: str | None) -> None:
        """Open a collection; it is attached when it ends, so that it cannot contain itself."""
        self.open.append(node)
        if len(self.open) > DEEPEST_NESTING:
            raise _unreadable(f"it is nested more than {DEEPEST_NESTING:,} levels deep", node)
        self.keys.append((None, set()))
        self.names.append(anchor)

    def finish(self) -> None:
        """Close the innermost collection and attach it to the one around it."""
        node, anchor = self.open.pop(), self.names.pop()
        self.keys.pop()
        if anchor is not None:
            self.anchors[anchor] = node
        self.add(node)


def decode(data: bytes) -> str:
    """Text of a rule file: UTF-8, a byte order mark allowed.

    Raises:
        LimitExceeded: larger than LARGEST_FILE_BYTES; refused before anything is parsed.
        InvalidInput: not UTF-8.
    """
    if len(data) > LARGEST_FILE_BYTES:
        raise LimitExceeded(
            f"the rule file has {len(data):,} bytes, more than the {LARGEST_FILE_BYTES:,} allowed",
            hint="split it into one file a queue",
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise InvalidInput(
            f"the rule file is not UTF-8: byte {exc.start} does not fit",
            hint="save it as UTF-8",
        ) from exc


def read_document(text: str) -> Document:
    """Read one YAML or JSON document.

    Raises:
        InvalidInput: not YAML, empty, two documents, a tag, a repeated key, an unknown or
            self-containing alias; `details` has the line and column.
        LimitExceeded: more bytes or nodes than a rule file can sensibly have.
    """
    if len(text) > LARGEST_FILE_BYTES:
        decode(text.encode())
    source = text.removeprefix("\ufeff")
    if source.lstrip().startswith("{"):
        source = _SURROGATES.sub(_one_escape, source)
    composer = _Composer(source)
    documents = 0
    for event in _events(source):
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _unreadable("a second document starts here", _node(event))
        else:
            _take(composer, event)
    if composer.root is None or _is_null(composer.root):
        raise InvalidInput("the rule file is empty", hint="see `tieline rules check --help`")
    return Document(composer.root, source)


def node_from_json(value: Json) -> Node:
    """The same nodes from parsed JSON, which has no positions.

    Raises:
        InvalidInput: a key that is no text, or a value JSON does not have.
    """
    root = Node()
    todo: list[tuple[Node, Json]] = [(root, value)]
    while todo:
        node, current = todo.pop()
        if isinstance(current, Mapping):
            node.pairs = []
            for key, inner in current.items():
                if not isinstance(key, str):
                    raise InvalidInput(f"a key must be text, not {type(key).__name__}")
                node.pairs.append((Node(scalar=key), child := Node()))
                todo.append((child, inner))
        elif isinstance(current, list | tuple):
            node.items = [Node() for _ in current]
            todo.extend(zip(node.items, current, strict=True))
        elif isinstance(current, float):
            node.scalar = Decimal(repr(current))
        elif current is None or isinstance(current, bool | int | Decimal | str):
            node.scalar = current
        else:
            raise InvalidInput(f"{type(current).__name__} is not a JSON value")
    return root


def json_from_node(root: Node) -> Json:
    """Plain data of a node; numbers with a point or exponent stay Decimal, exact."""
    done: dict[int, Json] = {}
    todo: list[tuple[Node, bool]] = [(root, False)]
    while todo:
        node, ready = todo.pop()
        if node.pairs is None and node.items is None:
            done[id(node)] = node.scalar
        elif ready and node.pairs is not None:
            done[id(node)] = {str(key.scalar): done[id(value)] for key, value in node.pairs}
        elif ready:
            done[id(node)] = [done[id(item)] for item in node.items or ()]
        else:
            todo.append((node, True))
            todo.extend((value, False) for _, value in node.pairs or ())
            todo.extend((item, False) for item in node.items or ())
    return done[id(root)]


def _is_null(node: Node) -> bool:
    return node.pairs is None and node.items is None and node.scalar is None


def _events(source: str) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(source, Loader=_LOADER)
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        place = Node(mark.line + 1, mark.column + 1) if mark else Node()
        tab = "a tab" if "cannot start any token" in str(exc.problem) else ""
        hint = "YAML indents with spaces; a tab or one of @ ` % needs quotes" if tab else None
        raise _unreadable(str(exc.problem or exc), place, hint=hint) from exc
    except yaml.reader.ReaderError as exc:  # its position counts bytes
        code = exc.character if isinstance(exc.character, int) else ord(exc.character)
        before = source[: source.find(chr(code))]
        place = Node(before.count("\n") + 1, len(before) - before.rfind("\n"))
        hint = f'write it as an escape in double quotes: "\\u{code:04x}"'
        raise _unreadable(f"it holds the character U+{code:04X}", place, hint=hint) from exc


def _take(composer: _Composer, event: yaml.Event) -> None:
    if isinstance(event, yaml.AliasEvent):
        target = composer.anchors.get(event.anchor or "")
        if target is None:
            raise _unreadable(f"the alias *{event.anchor} names nothing complete", _node(event))
        composer.add(target)
    elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
        composer.finish()
    elif isinstance(event, yaml.ScalarEvent | yaml.MappingStartEvent | yaml.SequenceStartEvent):
        node = _node(event)
        if event.tag is not None:
            raise _unreadable(f"tags are not allowed in a rule file: {event.tag}", node)
        if isinstance(event, yaml.ScalarEvent):
            plain = event.implicit[0]
            node.scalar = _resolve(event.value) if plain else event.value
            if event.anchor is not None:
                composer.anchors[event.anchor] = node
            composer.add(node)
        else:
            if isinstance(event, yaml.MappingStartEvent):
                node.pairs = []
            else:
                node.items = []
            composer.begin(node, event.anchor)


def _node(event: yaml.Event) -> Node:
    start, end = event.start_mark, event.end_mark
    if start is None or end is None:  # the parser marks every event it reads from a text
        return Node()
    return Node(start.line + 1, start.column + 1, start=start.index, end=end.index)


def _resolve(text: str) -> Scalar:
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if text[0] in "-0123456789":
        number = number_from_text(text)
        return text if number is None else number
    return text


def _one_escape(pair: re.Match[str]) -> str:
    high, low = int(pair[2], 16), int(pair[3], 16)
    return f"{pair[1]}\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08X}"


def _unreadable(problem: str, at: Node, *, hint: str | None = None) -> InvalidInput:
    place = "" if at.line is None else f" at line {at.line}, column {at.column}"
    return InvalidInput(
        f"this cannot be read as a rule file{place}: {problem}",
        hint=hint,
        details=[
            {"loc": [], "type": "syntax", "message": problem, "line": at.line, "column": at.column}
        ],
    )
