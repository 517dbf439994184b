"""Results on stdout, everything else on stderr; JSON, JSON lines, or text for people."""

import json
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TextIO

from tieline.errors import Error
from tieline.types import Json

if TYPE_CHECKING:
    from rich.console import Console

    from tieline.cli.exits import Exit
    from tieline.invocations.outcome import Outcome

Mode = Literal["text", "json", "jsonl"]

# Wider than any table of ids and names.
_UNFOLDED_COLUMNS = 100_000
# C0 but for tab and line feed, DEL, C1, and what turns the direction of text.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Output:
    """Prints one command's result in the mode that was asked for."""

    mode: Mode = "text"
    quiet: bool = False

    def result(self, document: Json, *, text: str | None = None) -> None:
        """Print the result: the JSON document, or `text` for people.

        Without `text` an object is shown as aligned `name  value` lines, without what is null.
        """
        if self.mode == "text":
            print_line(visible(fields(document) if text is None else text))
        else:
            print_line(to_json_line(document) if self.mode == "jsonl" else to_json(document))

    def verbatim(self, document: Json, text: str) -> None:
        """As `result`, for a text that is a file: not a character of it is changed."""
        if self.mode == "text":
            print_line(text)
        else:
            self.result(document)

    def records(self, records: Iterable[Mapping[str, Any]], *, columns: Sequence[str]) -> None:
        """Print a list: a JSON array, a line a record as they come, or a table of `columns`.

        A column is a key of the record; a missing one leaves its cell empty.
        """
        match self.mode:
            case "jsonl":
                for record in records:
                    print_line(to_json_line(record))
            case "json":
                print_line(to_json(list(records)))
            case "text":
                if not _print_table(records, columns):
                    self.note("nothing to show")

    def outcome(self, outcome: "Outcome") -> "Exit":
        """Print how an invocation ended, and return the exit code a command ends with."""
        from tieline.cli.ending_text import ending_text
        from tieline.cli.exits import exit_of_status

        document = outcome.to_json()
        self.result(document, text=ending_text(document))
        return exit_of_status(outcome.status)

    def note(self, text: str) -> None:
        """Tell people something on stderr; not with --quiet."""
        if not self.quiet:
            print(visible(text), file=sys.stderr, flush=True)  # noqa: T201  # stderr is where notes go

    def progress(self, text: str) -> None:
        """Say on stderr where a long wait stands: rewritten in place on a terminal, else silent."""
        if not self.quiet and _rewritable(sys.stderr):
            sys.stderr.write(f"\r\x1b[2K{visible(text)}")
            sys.stderr.flush()

    def progress_done(self) -> None:
        """Clear the progress line before something else is printed."""
        if not self.quiet and _rewritable(sys.stderr):
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()


def to_json(document: Json) -> str:
    """One readable JSON document; keys keep their order, text stays UTF-8."""
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False, default=str)
    return _escaped(text)


def to_json_line(document: Json) -> str:
    """One JSON document on one line."""
    text = json.dumps(
        document, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=str
    )
    return _escaped(text)


def visible(text: str) -> str:
    """The text with its control characters written out, but for tabs and line breaks.

    Names and answers come from files and from the far side: what moves a cursor, sets a colour or
    turns the direction of writing would let them say something else than they hold.
    """
    return _CONTROL.sub(_as_escape, text)


def print_line(text: str) -> None:
    """Write one piece of a result to stdout."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def print_error(error: Error, *, mode: Mode) -> None:
    """Show an error: its document on stdout, with --jsonl on one line; else lines on stderr."""
    if mode != "text":
        document = error.to_json()
        print_line(to_json_line(document) if mode == "jsonl" else to_json(document))
        return
    lines = [f"{painted('error:', '1;31', stream=sys.stderr)} {visible(error.message)}"]
    if error.correlation_id:
        lines.append(f"correlation id: {visible(error.correlation_id)}")
    if error.hint:
        lines.append(f"{painted('hint:', '1;36', stream=sys.stderr)} {visible(error.hint)}")
    sys.stderr.write("\n".join(lines) + "\n")


def console() -> "Console":
    """A rich console on stdout for tables; colour and bold only where `colour_wanted`.

    A line is as long as what is in it, on a narrow terminal too: an id that is folded can neither
    be copied nor searched for.
    """
    from rich.console import Console

    return Console(
        file=sys.stdout,
        highlight=False,
        width=_UNFOLDED_COLUMNS,
        color_system="auto" if colour_wanted(sys.stdout) else None,
    )


def plain_console() -> "Console":
    """A rich console on stdout without colour, for help; as wide as the terminal, or 80."""
    from rich.console import Console

    return Console(file=sys.stdout, highlight=False, color_system=None)


def colour_wanted(stream: TextIO) -> bool:
    """True on a terminal, unless NO_COLOR is set to anything or TERM is dumb (no-color.org)."""
    return (
        stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "") != "dumb"
    )


def _rewritable(stream: TextIO) -> bool:
    # A line is taken back with an escape sequence, which a dumb terminal would print.
    return stream.isatty() and os.environ.get("TERM", "") != "dumb"


def painted(text: str, code: str, *, stream: TextIO) -> str:
    """The text in a colour (an SGR code such as `1;31`), where colour is wanted on the stream."""
    return f"\x1b[{code}m{text}\x1b[0m" if colour_wanted(stream) else text


def _as_escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"  # noqa: PLR2004  # two digits


def _escaped(text: str) -> str:
    # JSON's own escapes, for the control characters that JSON lets stand as they are.
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def fields(document: Json) -> str:
    """An object as aligned `name  value` lines, without what is null; else the value itself."""
    if not isinstance(document, Mapping):
        return document if isinstance(document, str) else to_json(document)
    told = {str(name): value for name, value in document.items() if value is not None}
    width = max(map(len, told), default=0)
    return "\n".join(f"{name:<{width}}  {cell(value)}".rstrip() for name, value in told.items())


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 rule`, `2,000 rules`."""
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"


def cell(value: Json) -> str:
    """A value as people read it in a table: empty for null, compact JSON for structures."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return to_json_line(value)


def _print_table(records: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> int:
    # Returns how many rows there were; without any nothing is printed.
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, no_wrap=True)
    for record in records:
        table.add_row(*(Text(visible(cell(record.get(column)))) for column in columns))
    if table.row_count:
        console().print(table)
    return table.row_count
