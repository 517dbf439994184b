"""Which call goes where: the table of every area's routes, compiled once."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote

from tieline.emulator.call import Answer, Call

Surface = Literal["platform", "guide", "shared"]
Handler = Callable[[Call], Answer | Awaitable[Answer]]

MOST_BODY_BYTES = 3_000_000
MOST_ACTION_BODY_BYTES = 512_000


@dataclass(frozen=True, slots=True)
class Route:
    """One call: where it is, what it takes, who may make it, what carries it out."""

    method: str
    path: str
    operation: str
    """The name by which the journal knows it; the client's catalogue uses the same names."""
    handler: Handler
    surface: Surface = "platform"
    permissions: tuple[str, ...] = ()
    """All of them are needed (platform)."""
    any_permission: tuple[str, ...] = ()
    """One of them is needed (platform)."""
    scopes: tuple[str, ...] = ()
    """One of them is needed (guide)."""
    public: bool = False
    """Carried out without a token: the token call."""
    form: bool = False
    """Takes a form instead of JSON."""
    raw: bool = False
    """Takes the body's bytes as they come, of any type."""
    most_bytes: int = MOST_BODY_BYTES
    repeatable: bool = field(default=False)
    """A second one has no second effect, whatever the method says."""

    @property
    def may_duplicate(self) -> bool:
        """Whether two equal requests are two effects."""
        return self.method in {"POST", "PATCH"} and not self.repeatable


class RouteTable:
    """All routes as a tree of path segments; a spelled-out segment wins over a parameter."""

    __slots__ = ("_root", "routes")

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = tuple(routes)
        self._root = _Node()
        for route in self.routes:
            self._add(route)

    def find(self, method: str, raw_path: str) -> "Found | Missing":
        """Look a call up; parameters are decoded, a `%2F` in one stays inside it."""
        node = self._root
        arguments: list[str] = []
        for segment in raw_path.split("/")[1:]:
            child = node.named.get(segment)
            if child is None:
                child = node.parameter
                if child is None or not segment:
                    return _NOWHERE
                arguments.append(unquote(segment) if "%" in segment else segment)
            node = child
        route = node.methods.get(method)
        if route is None:
            return Missing(tuple(node.methods))
        return Found(route, tuple(arguments))

    def _add(self, route: Route) -> None:
        node = self._root
        for segment in route.path.split("/")[1:]:
            if segment.startswith("{"):
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.named.setdefault(segment, _Node())
        if route.method in node.methods:
            raise ValueError(f"two routes for {route.method} {route.path}")
        node.methods[route.method] = route


@dataclass(frozen=True, slots=True)
class Found:
    """A route and the parameters of its path, in order."""

    route: Route
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """No such call; `allowed` are the methods that this path does have."""

    allowed: tuple[str, ...]


_NOWHERE = Missing(())


class _Node:
    __slots__ = ("methods", "named", "parameter")

    def __init__(self) -> None:
        self.named: dict[str, _Node] = {}
        self.parameter: _Node | None = None
        self.methods: dict[str, Route] = {}
