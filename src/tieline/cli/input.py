"""What every input option takes: literal JSON, `@file`, or `-` for stdin."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from tieline.contracts.strict_json import parse_json
from tieline.errors import InvalidInput
from tieline.types import Json

# Larger than any input a platform call accepts (512,000 bytes), small enough to hold.
MOST_BYTES = 16 * 1024 * 1024

JsonInput = Annotated[str, Parameter(allow_leading_hyphen=True)]
"""Type of an input option; `-` alone is stdin, so a leading hyphen is no option here."""


def read_json(given: str, *, what: str = "--input") -> Json:
    """The JSON value an input option names. `what` is the option, for errors.

    Raises:
        InvalidInput: the file cannot be read, or it is not strict JSON (line and column).
    """
    return parse_json(read_bytes(given, what=what), what=what)


def read_object(given: str, *, what: str = "--input") -> Mapping[str, Any]:
    """As `read_json`, for options that take an object.

    Raises:
        InvalidInput: also when the value is no object.
    """
    value = read_json(given, what=what)
    if not isinstance(value, dict):
        raise InvalidInput(
            f"{what}: expected a JSON object",
            hint="""write its members in braces: {"name": "value"}""",
            details=[{"loc": [what], "type": "type", "message": "not an object"}],
        )
    return value


def read_bytes(given: str, *, what: str) -> bytes:
    """The raw bytes an input option names, at most 16 MiB.

    Raises:
        InvalidInput: unreadable or too large.
    """
    if given == "-":
        content = sys.stdin.buffer.read(MOST_BYTES + 1)
    elif given.startswith("@"):
        content = _file(Path(given[1:]), what)
    else:
        content = given.encode("utf-8", "surrogateescape")
    if len(content) > MOST_BYTES:
        raise InvalidInput(
            f"{what}: larger than {MOST_BYTES:,} bytes",
            hint="the platform takes 512,000 bytes at most",
        )
    return content


def _file(path: Path, what: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as exc:
        raise InvalidInput(
            f"{what}: {path} cannot be read: {exc.strerror}",
            hint="@FILE is a path from the working folder; - reads stdin",
        ) from exc
