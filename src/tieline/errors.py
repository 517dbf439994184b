"""Everything Tieline raises on purpose.

An error says what happened, to what, and what to do next. `code` is stable: programs branch on it,
commands derive their exit code from it. Whose fault it is decides the class:

    tieline.Error
    ├── InvalidInput          the caller's; nothing was sent
    │   ├── ConfigInvalid     a file, variable or argument of the configuration
    │   ├── LimitExceeded     a limit of the platform or of ours refused it beforehand
    │   └── Unsupported       this dialect, platform or kernel cannot do it
    ├── ApiError              the platform answered, and the answer is no
    │   ├── AuthenticationFailed · PermissionDenied · NotFound · Conflict · RateLimited
    ├── StalePlan             the remote side changed since the plan was made
    ├── NetworkError          no usable answer, and certainly not carried out
    │   ├── BadAnswer         the platform broke its own contract
    │   └── MaxRetriesExceeded
    ├── DeadlineExceeded      time ran out before anything was carried out
    ├── CircuitOpen           recent calls failed; this one was not tried
    ├── OutcomeUnknown        the request left, no answer came: it may have been carried out
    └── StoreUnavailable      a local file or database cannot be used
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

Detail = Mapping[str, Any]
"""One finding inside an error: a location, a type, a message, never the offending value."""


class Error(Exception):
    """Root of everything Tieline raises on purpose."""

    code: ClassVar[str]
    default_hint: ClassVar[str] = ""

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        details: Sequence[Detail] = (),
        correlation_id: str | None = None,
        attempts: int = 0,
    ) -> None:
        """Attach what a person needs next; `attempts` counts requests that were written."""
        super().__init__(message)
        self.message = message
        self.hint = self.default_hint if hint is None else hint
        self.details = tuple(details)
        self.correlation_id = correlation_id
        self.attempts = attempts

    def to_json(self) -> dict[str, Any]:
        """Render the error document of every command and service, as docs/reference/errors.md."""
        return {
            "status": "error",
            "code": self.error_code,
            "message": self.message,
            "details": [dict(detail) for detail in self.details],
            "hint": self.hint,
            "correlation_id": self.correlation_id,
        }

    @property
    def error_code(self) -> str:
        """The stable code of this very error; differs from the class's only for API statuses."""
        return self.code


class InvalidInput(Error):
    """The caller's input is wrong; nothing was sent or changed."""

    code = "VALIDATION_FAILED"
    default_hint = "mend what the message names and try again; nothing was changed"


class ConfigInvalid(InvalidInput):
    """A configuration value is missing, unreadable or wrong; the message names its source."""

    code = "CONFIG_INVALID"
    default_hint = "`tieline doctor` shows where each value comes from"


class LimitExceeded(InvalidInput):
    """A documented limit would be exceeded; refused before anything was sent."""

    code = "LIMIT_EXCEEDED"


class Unsupported(InvalidInput):
    """This dialect, installation or operating system cannot do what was asked."""

    code = "UNSUPPORTED"
    default_hint = "the table in Tieline's README says what works where"


class ApiError(Error):
    """The platform answered with an error status. It was understood and refused."""

    code = "GENESYS_API"

    def __init__(
        self,
        message: str,
        *,
        status: int,
        body: Any = None,
        hint: str | None = None,
        details: Sequence[Detail] = (),
        correlation_id: str | None = None,
        attempts: int = 0,
    ) -> None:
        """Keep the answer's status and body; a body that is no JSON arrives as `{"raw": …}`."""
        super().__init__(
            message, hint=hint, details=details, correlation_id=correlation_id, attempts=attempts
        )
        self.status = status
        self.body = body

    @property
    def error_code(self) -> str:
        """The class's code, or `GENESYS_API_<status>` where no class has a code of its own."""
        return f"{self.code}_{self.status}" if self.code == "GENESYS_API" else self.code


class AuthenticationFailed(ApiError):
    """The credentials or the token were refused."""

    code = "AUTHENTICATION_FAILED"


class PermissionDenied(ApiError):
    """The token is good but may not do this; the message names what is missing."""

    code = "PERMISSION_DENIED"


class NotFound(ApiError):
    """There is no such thing, or not in this organisation."""

    code = "NOT_FOUND"


class Conflict(ApiError):
    """The target changed meanwhile, or exists already."""

    code = "CONFLICT"


class RateLimited(ApiError):
    """The platform's rate limit holds longer than the deadline allows; nothing was carried out."""

    code = "RATE_LIMITED"


class StalePlan(Error):
    """The remote side changed since the plan was made; nothing was changed by us."""

    code = "STALE_PLAN"
    default_hint = "plan again and read the new difference before applying"


class NetworkError(Error):
    """No usable answer came, and the request was certainly not carried out."""

    code = "NETWORK_ERROR"


class BadAnswer(NetworkError):
    """The platform answered something that breaks its own contract; the message names it."""


class MaxRetriesExceeded(NetworkError):
    """Every allowed attempt failed before the platform could have carried it out."""

    code = "MAX_RETRIES_EXCEEDED"


class DeadlineExceeded(Error):
    """Time ran out before anything was carried out."""

    code = "DEADLINE_EXCEEDED"


class CircuitOpen(Error):
    """Recent calls to this place failed; this one was not tried, so that it can recover."""

    code = "CIRCUIT_OPEN"


class OutcomeUnknown(Error):
    """The request left and no answer came: it may have been carried out. Never re-sent unasked."""

    code = "OUTCOME_UNKNOWN"


class StoreUnavailable(Error):
    """A local file or database cannot be used; the message names it and the reason."""

    code = "STORE_UNAVAILABLE"
    default_hint = "check that it may be written and that its disk has room, or give --state-dir"
