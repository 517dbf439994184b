"""Logs: structured, on stderr, with the ids of what is being done bound to every line.

A library must not print: `logger` writes to the standard library's `logging`, which is silent
until an application configures it. `configure_logs` is for our own command line and servers.
"""

import logging
import os
import sys
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from functools import cache
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor

from tieline.audit.masking import Masker

Scrub = Callable[[str], str]
"""Takes secrets and personal data out of a text. By default a `Masker` under a key of this process:
a value has one pseudonym in one process's lines, and nobody can test a guess later."""


def logger(room: str, *, scrub: Scrub | None = None) -> structlog.stdlib.BoundLogger:
    """The log of one room, `tieline.<room>`; keyword arguments of a call become fields."""
    bound: structlog.stdlib.BoundLogger = structlog.wrap_logger(
        logging.getLogger(f"tieline.{room}"),
        wrapper_class=structlog.stdlib.BoundLogger,
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            _scrubbing(scrub),
            structlog.stdlib.render_to_log_kwargs,
        ],
    )
    return bound


@contextmanager
def bound_ids(**ids: str | None) -> Iterator[None]:
    """Put ids (correlation_id, run_id, execution_id …) on every line logged inside the block.

    None is left out. The binding follows the task, not the thread.
    """
    with structlog.contextvars.bound_contextvars(**{k: v for k, v in ids.items() if v is not None}):
        yield


def configure_logs(
    *,
    form: Literal["json", "console"] = "console",
    level: int = logging.WARNING,
    scrub: Scrub | None = None,
    stream: TextIO | None = None,
) -> None:
    """Send the process's logs to `stream` (stderr), other libraries' lines included.

    Called again it replaces what it set up before, and touches no handler of anybody else.
    """
    handler = logging.StreamHandler(sys.stderr if stream is None else stream)
    handler.set_name("tieline")
    handler.setFormatter(_formatter(form, handler.stream, scrub))
    root = logging.getLogger()
    for other in [h for h in root.handlers if h.get_name() == "tieline"]:
        root.removeHandler(other)
    root.addHandler(handler)
    root.setLevel(level)


def _formatter(form: str, stream: TextIO, scrub: Scrub | None) -> logging.Formatter:
    render: Processor
    if form == "json":
        render = structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        render = structlog.dev.ConsoleRenderer(colors=_coloured(stream))
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            _without_leftovers,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _scrubbing(scrub),
            render,
        ],
    )


def _coloured(stream: TextIO) -> bool:
    dumb = os.environ.get("TERM", "") == "dumb"
    return stream.isatty() and not os.environ.get("NO_COLOR") and not dumb


def _without_leftovers(_: Any, __: str, event: EventDict) -> EventDict:
    # logging.Formatter of a handler before ours leaves these on the record.
    event.pop("message", None)
    event.pop("asctime", None)
    event.pop("color_message", None)  # uvicorn's own, with escape sequences
    return event


def _scrubbing(scrub: Scrub | None) -> Processor:
    def scrubbed(_: Any, __: str, event: EventDict) -> MutableMapping[str, Any]:
        chosen = scrub or _masker().scrub
        return {name: _scrub(value, chosen) for name, value in event.items()}

    return scrubbed


@cache
def _masker() -> Masker:
    return Masker(os.urandom(32))


def _scrub(value: Any, scrub: Scrub) -> Any:
    match value:
        case str():
            return scrub(value)
        case dict():
            return {name: _scrub(inner, scrub) for name, inner in value.items()}
        case list() | tuple():
            return [_scrub(inner, scrub) for inner in value]
        case bool() | int() | float() | None:
            return value
        case _:
            return scrub(str(value))
