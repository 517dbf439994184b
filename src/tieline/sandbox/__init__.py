"""Run custom code isolated on this machine; names load when they are used."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tieline.sandbox.limits import Limits as Limits
    from tieline.sandbox.result import LogLine as LogLine
    from tieline.sandbox.result import RunResult as RunResult
    from tieline.sandbox.result import Usage as Usage
    from tieline.sandbox.sandbox import Sandbox as Sandbox
    from tieline.sandbox.sandbox import run_handler as run_handler
    from tieline.sandbox.tiers import TierState as TierState
    from tieline.sandbox.tiers import available_tiers as available_tiers

_HOMES = {
    "Limits": "limits",
    "LogLine": "result",
    "RunResult": "result",
    "Sandbox": "sandbox",
    "TierState": "tiers",
    "Usage": "result",
    "available_tiers": "tiers",
    "run_handler": "sandbox",
}
__all__ = [*sorted(_HOMES)]  # noqa: PLE0604  # names of the one mapping above


def __getattr__(name: str) -> Any:
    """Load a public name from its module (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"tieline.sandbox.{_HOMES[name]}"), name)
