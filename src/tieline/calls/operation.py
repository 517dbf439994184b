"""One remote call as data: what the catalogue says of it, what is asked, what was answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote

from tieline.errors import InvalidInput
from tieline.types import DialectName, Json

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]

# Longer ids do not exist on either surface; a path that long is refused by gateways with 414.
LONGEST_PATH_PARAMETER = 512


@dataclass(frozen=True, slots=True)
class Operation:
    """An entry of the catalogue. `path` is a template: `/api/v2/flows/executions/{id}`.

    `idempotent` decides whether a request whose answer was lost may be written again.
    `permissions` (platform) and `scopes` (guide) are what the caller needs, all of them.
    """

    name: str
    method: Method
    path: str
    idempotent: bool
    dialect: DialectName
    permissions: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    reads_only: bool = False  # a POST that changes nothing: a search, a token

    @property
    def mutating(self) -> bool:
        """True where carrying it out changes the remote side; those get an audit intent."""
        return self.method not in {"GET", "HEAD"} and not self.reads_only


@dataclass(frozen=True, slots=True)
class Request:
    """One use of an operation. `body` is JSON, sent when it is not None."""

    operation: Operation
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str | int | bool] = field(default_factory=dict)
    body: Json = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def target(self) -> str:
        """Path and query as written on the wire; a parameter can never add or leave a segment.

        Raises:
            InvalidInput: a path parameter is empty, a dot segment, or absurdly long.
        """
        filled = self.operation.path.format_map(
            {name: path_segment(name, value) for name, value in self.path.items()}
        )
        if not self.query:
            return filled
        pairs = (f"{quote(name, safe='')}={_query_value(v)}" for name, v in self.query.items())
        return f"{filled}?{'&'.join(pairs)}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the platform answered, whatever the status. `body` is parsed JSON, or `{"raw": …}`."""

    status: int
    body: Json
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    correlation_id: str | None = None
    attempts: int = 1
    elapsed_s: float = 0.0


def path_segment(name: str, value: str) -> str:
    """Percent-encode one path parameter so that it stays one segment (RFC 3986, 3.3).

    Raises:
        InvalidInput: empty, `.` or `..` (which servers resolve even when encoded), or too long.
    """
    if not value or value in {".", ".."}:
        raise InvalidInput(
            f"{name}: {value!r} is not an id", details=[{"loc": [name], "type": "id"}]
        )
    if len(value) > LONGEST_PATH_PARAMETER:
        raise InvalidInput(
            f"{name}: an id of {len(value)} characters; at most {LONGEST_PATH_PARAMETER} exist",
            details=[{"loc": [name], "type": "id_too_long"}],
        )
    return quote(value, safe="")


def _query_value(value: str | int | bool) -> str:  # noqa: FBT001  # a JSON scalar, not a switch
    if isinstance(value, bool):
        return "true" if value else "false"
    return quote(str(value), safe="")
