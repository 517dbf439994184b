"""One request as a handler sees it, and the answer it gives back."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from tieline.emulator import wire_errors
from tieline.emulator.asgi import Scope
from tieline.types import DialectName, JsonObject

if TYPE_CHECKING:
    from tieline.emulator.oauth.state import Token
    from tieline.emulator.world import World


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a JSON body. `effect` is the id of what was created or changed."""

    status: int
    body: Any = None
    effect: str | None = None
    text: str | None = None
    """Sent instead of a JSON body."""
    text_kind: bytes = b"text/plain; charset=utf-8"
    """The content type of `text`."""


class Call:
    """What a handler gets: the world, the path's parameters, query, body and whose token it is."""

    __slots__ = (
        "_query", "_raw_query", "_scope", "authorization", "body", "correlation_id", "dialect",
        "now", "path", "token", "world",
    )  # fmt: skip

    def __init__(
        self,
        world: "World",
        path: tuple[str, ...],
        *,
        raw_query: bytes,
        body: Any,
        token: "Token | None",
        authorization: bytes | None,
        now: float,
        dialect: DialectName,
        correlation_id: str,
        scope: Scope,
    ) -> None:
        self.world = world
        self.path = path
        self.body = body
        self.token = token
        self.authorization = authorization
        self.now = now
        self.dialect = dialect
        self.correlation_id = correlation_id
        self._raw_query = raw_query
        self._scope = scope
        self._query: dict[str, list[str]] | None = None

    @property
    def query(self) -> dict[str, list[str]]:
        """Query parameters, each with its values in order."""
        if self._query is None:
            text = self._raw_query.decode("ascii", "replace")
            self._query = parse_qs(text, keep_blank_values=True)
        return self._query

    def header(self, name: str) -> str | None:
        """A request header by its name in lower case."""
        wanted = name.encode("latin-1")
        found = (value for key, value in self._scope["headers"] if key == wanted)
        value: bytes | None = next(found, None)
        return None if value is None else value.decode("latin-1")

    @property
    def origin(self) -> str:
        """Scheme and host as the caller wrote them; a link back to the emulator begins so."""
        scheme = self._scope.get("scheme", "http")
        return f"{scheme}://{self.header('host') or 'localhost'}"

    def one(self, name: str) -> str | None:
        """The last value of a query parameter."""
        values = self.query.get(name)
        return values[-1] if values else None

    def many(self, name: str) -> list[str]:
        """The values of a list parameter, joined by comma or repeated or both."""
        return [part for value in self.query.get(name, ()) for part in value.split(",") if part]

    def flag(self, name: str) -> bool:
        """A boolean parameter; absent is false."""
        value = self.one(name)
        if value is None or value.lower() == "false":
            return False
        if value.lower() == "true":
            return True
        raise wire_errors.invalid_value(name, value, kind="boolean", allowed="true, false")

    @property
    def sent(self) -> JsonObject:
        """The body as an object; an absent one, and `null`, count as an empty object."""
        if self.body is None:
            return {}
        if not isinstance(self.body, dict):
            raise wire_errors.malformed("The request body must be a JSON object.")
        return self.body

    def require(self, *names: str) -> JsonObject:
        """The body, with these fields in it; null counts as absent.

        Raises:
            Refusal: 400 `required.fields.missing`, naming all that are missing.
        """
        sent = self.sent
        missing = [name for name in names if sent.get(name) is None]
        if missing:
            raise wire_errors.missing_fields(*missing)
        return sent

    def text(self, name: str, *, shortest: int = 0, longest: int | None = None) -> str | None:
        """A text field of the body, None when absent.

        Raises:
            Refusal: 400 when it is no text, too short or too long.
        """
        value = self.sent.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise wire_errors.invalid_value(name, value, kind="String", allowed="text")
        if len(value) < shortest:
            allowed = f"at least {shortest} characters"
            raise wire_errors.invalid_value(name, value, kind="String", allowed=allowed)
        if longest is not None and len(value) > longest:
            allowed = f"at most {longest} characters"
            raise wire_errors.invalid_value(name, value, kind="String", allowed=allowed)
        return value

    def whole(self, name: str, *, usual: int, most: int) -> int:
        """A whole number of the body from 1 to `most`; `usual` when it is absent.

        Raises:
            Refusal: 400 for anything else.
        """
        value = self.sent.get(name)
        if value is None:
            return usual
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            raise wire_errors.invalid_value(name, value, kind="Integer", allowed=f"1 to {most}")
        return value
