"""Tieline connects Python to a contact centre on Genesys Cloud.

Names load when they are used, so that `import tieline` costs a few milliseconds.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tieline._version import __version__ as __version__

if TYPE_CHECKING:
    from tieline.blocking.client import Client as Client
    from tieline.blocking.execution import Execution as Execution
    from tieline.client import AsyncClient as AsyncClient
    from tieline.errors import (
        ApiError as ApiError,
    )
    from tieline.errors import (
        AuthenticationFailed as AuthenticationFailed,
    )
    from tieline.errors import (
        BadAnswer as BadAnswer,
    )
    from tieline.errors import (
        CircuitOpen as CircuitOpen,
    )
    from tieline.errors import (
        ConfigInvalid as ConfigInvalid,
    )
    from tieline.errors import (
        Conflict as Conflict,
    )
    from tieline.errors import (
        DeadlineExceeded as DeadlineExceeded,
    )
    from tieline.errors import (
        Error as Error,
    )
    from tieline.errors import (
        InvalidInput as InvalidInput,
    )
    from tieline.errors import (
        LimitExceeded as LimitExceeded,
    )
    from tieline.errors import (
        MaxRetriesExceeded as MaxRetriesExceeded,
    )
    from tieline.errors import (
        NetworkError as NetworkError,
    )
    from tieline.errors import (
        NotFound as NotFound,
    )
    from tieline.errors import (
        OutcomeUnknown as OutcomeUnknown,
    )
    from tieline.errors import (
        PermissionDenied as PermissionDenied,
    )
    from tieline.errors import (
        RateLimited as RateLimited,
    )
    from tieline.errors import (
        StalePlan as StalePlan,
    )
    from tieline.errors import (
        StoreUnavailable as StoreUnavailable,
    )
    from tieline.errors import (
        Unsupported as Unsupported,
    )
    from tieline.invocations.outcome import Outcome as Outcome
    from tieline.invocations.outcome import Target as Target
    from tieline.services.execution import AsyncExecution as AsyncExecution
    from tieline.services.routing import RuleDraft as RuleDraft


_HOMES = {
    "tieline.blocking.client": ("Client",),
    "tieline.blocking.execution": ("Execution",),
    "tieline.client": ("AsyncClient",),
    "tieline.errors": (
        "ApiError", "AuthenticationFailed", "BadAnswer", "CircuitOpen", "ConfigInvalid", "Conflict",
        "DeadlineExceeded", "Error", "InvalidInput", "LimitExceeded", "MaxRetriesExceeded",
        "NetworkError", "NotFound", "OutcomeUnknown", "PermissionDenied", "RateLimited",
        "StalePlan", "StoreUnavailable", "Unsupported",
    ),
    "tieline.invocations.outcome": ("Outcome", "Target"),
    "tieline.services.execution": ("AsyncExecution",),
    "tieline.services.routing": ("RuleDraft",),
}  # fmt: skip
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = ["__version__", *sorted(_HOME_OF)]  # noqa: PLE0604  # names of the one mapping above


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'tieline' has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
