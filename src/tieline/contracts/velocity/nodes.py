"""What a template consists of, once parsed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """Printed as it stands."""

    text: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """`.name`."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """`.name(arguments)`."""

    name: str
    arguments: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Index:
    """`[expression]`."""

    at: "Expression"


@dataclass(frozen=True, slots=True)
class Reference:
    """`$name…`; `source` is what is printed when it has no value, unless it is `quiet` (`$!`)."""

    name: str
    steps: tuple[Attribute | Call | Index, ...]
    quiet: bool
    source: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a boolean, null or a single-quoted string."""

    value: str | float | int | bool | None


@dataclass(frozen=True, slots=True)
class Interpolated:
    """A double-quoted string: a template of its own."""

    body: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class ListOf:
    """`[a, b]`."""

    items: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Range:
    """`[a..b]`, both ends included."""

    first: "Expression"
    last: "Expression"


@dataclass(frozen=True, slots=True)
class MapOf:
    """`{"a": 1}`."""

    entries: tuple[tuple["Expression", "Expression"], ...]


@dataclass(frozen=True, slots=True)
class Unary:
    """`!a` or `-a`."""

    operator: str
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Binary:
    """`a && b`, `a == b`, `a + b` …; word forms (`and`, `eq`) arrive as their signs."""

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Assign:
    """`#set($name = value)`."""

    name: str
    value: "Expression"


@dataclass(frozen=True, slots=True)
class If:
    """`#if … #elseif … #else … #end`; the last branch's condition is None for `#else`."""

    branches: tuple[tuple["Expression | None", tuple["Node", ...]], ...]


@dataclass(frozen=True, slots=True)
class Foreach:
    """`#foreach($name in items) … #end`."""

    name: str
    items: "Expression"
    body: tuple["Node", ...]


Expression = Reference | Literal | Interpolated | ListOf | Range | MapOf | Unary | Binary
Node = Text | Reference | Assign | If | Foreach
