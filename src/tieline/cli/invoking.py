"""What the commands that invoke have in common: a client, progress on stderr, and Ctrl-C."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from tieline.cli.context import Options

if TYPE_CHECKING:
    from tieline.blocking.client import Client
    from tieline.cli.output import Output
    from tieline.dialects.port import Definition, Progress

Seconds = Annotated[float, Parameter(validator=Number(gt=0))]
"""Type of a `--timeout`: more than zero."""


def open_client(options: Options) -> "Client":
    """Connect as the profile says; use it with `with`.

    Raises:
        ConfigInvalid: the configuration or the credentials are incomplete.
    """
    from tieline.blocking.client import Client
    from tieline.services.connection import open_session

    return Client(session=open_session(options.load_profile()))


def definition_text(definition: "Definition") -> str:
    """A definition as people read it: what is known, and its input schema indented."""
    from tieline.cli.output import cell, to_json

    shown = definition.to_json()
    schemas = {part: shown.pop(part) for part in ("input_schema", "output_schema")}
    del shown["definition"]  # as it came; --json has it
    lines = [f"{name:<13} {cell(value)}" for name, value in shown.items() if value is not None]
    for part, schema in schemas.items():
        if schema is not None:
            lines += [part, to_json(schema)]
    return "\n".join(lines)


class Watcher:
    """Shows where an execution stands while it is waited for, and remembers its id."""

    def __init__(self, output: "Output") -> None:
        self._output = output
        self.execution_id: str | None = None

    def __call__(self, progress: "Progress", elapsed_s: float) -> None:
        """See `tieline.services.performer.Watch`."""
        self.execution_id = progress.execution_id
        self._output.progress(f"{progress.state}, {elapsed_s:.0f} s  {progress.execution_id}")


@contextmanager
def watching(output: "Output", *, resume: str) -> Iterator[Watcher]:
    """Show progress inside the block; interrupted, say how to come back to the execution.

    `resume` is what to run then, `{}` standing for the execution's id.

    Raises:
        KeyboardInterrupt: with that as its message.
    """
    watcher = Watcher(output)
    try:
        yield watcher
    except KeyboardInterrupt:
        if watcher.execution_id is None:
            how = "the audit log says whether the request was sent: `tieline audit search`"
        else:
            how = f"execution {watcher.execution_id} goes on; "
            how += resume.format(watcher.execution_id)
        raise KeyboardInterrupt(how) from None
    finally:
        output.progress_done()
