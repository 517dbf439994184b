"""Spans, one a phase of a call, where OpenTelemetry is installed and set up; nothing otherwise.

Phases are named `tieline.<room>.<phase>`: validate, token, limit, send, follow. Attributes are ids
and words of our own, never inputs or results.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any

Attribute = str | int | float | bool

_NO_SPAN: AbstractContextManager[Any] = nullcontext()


def span(name: str, **attributes: Attribute | None) -> AbstractContextManager[Any]:
    """A span around the block; an exception that leaves it marks the span as failed."""
    tracer = _tracer() if _is_set_up() else None
    if tracer is None:
        return _NO_SPAN
    known = {f"tieline.{key}": value for key, value in attributes.items() if value is not None}
    return tracer(name, known)


def _is_set_up() -> bool:
    # The API without a provider makes spans that nobody sees, at 6 µs each.
    trace = _api()
    return trace is not None and not isinstance(
        trace.get_tracer_provider(), trace.ProxyTracerProvider
    )


def current_trace_id() -> str | None:
    """The trace the caller is in, as 32 hex digits, for audit records; None outside of one."""
    trace = _api()
    if trace is None:
        return None
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else None


def trace_headers() -> dict[str, str]:
    """What tells the far side which trace a request belongs to (W3C `traceparent`); often nothing.

    Baggage is not passed on: it may hold anything.
    """
    trace = _api() if _is_set_up() else None
    if trace is None:
        return {}
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return {}
    flags = int(context.trace_flags)
    return {"traceparent": f"00-{context.trace_id:032x}-{context.span_id:016x}-{flags:02x}"}


@cache
def _api() -> Any:
    try:
        from opentelemetry import trace  # noqa: PLC0415  # an extra; absent is fine
    except ImportError:
        return None
    return trace


@cache
def _tracer() -> Callable[[str, dict[str, Attribute]], AbstractContextManager[Any]] | None:
    trace = _api()
    if trace is None:
        return None
    tracer = trace.get_tracer("tieline")

    def start(name: str, attributes: dict[str, Attribute]) -> AbstractContextManager[Any]:
        started: AbstractContextManager[Any] = tracer.start_as_current_span(
            name, attributes=attributes
        )
        return started

    return start
