"""The rule file of a command: a path, or - for stdin."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from tieline.errors import InvalidInput, LimitExceeded

if TYPE_CHECKING:
    from tieline.rules.model import Case, Ruleset
    from tieline.rules.rule_file import RuleFile

STDIN = "-"


def _no_other_hyphen(_: object, value: object) -> None:
    if str(value).startswith("-") and str(value) != STDIN:
        raise ValueError(f"There is no option {value}.")


RuleFilePath = Annotated[
    Path, Parameter(name="FILE", allow_leading_hyphen=True, validator=_no_other_hyphen)
]
"""Type of a rule file's argument; a lone hyphen is stdin, and no option."""


def shown(file: Path) -> str:
    """What messages call it."""
    return "<stdin>" if str(file) == STDIN else str(file)


def file_bytes(file: Path) -> bytes:
    """The bytes of a rule file, or of stdin.

    Raises:
        InvalidInput: it cannot be read.
        LimitExceeded: larger than any rule file; what is beyond the limit is not read.
    """
    from tieline.rules.document import LARGEST_FILE_BYTES

    try:
        if str(file) == STDIN:
            content = sys.stdin.buffer.read(LARGEST_FILE_BYTES + 1)
        else:
            with file.open("rb") as opened:
                content = opened.read(LARGEST_FILE_BYTES + 1)
    except OSError as exc:
        raise InvalidInput(f"{shown(file)} cannot be read: {exc.strerror}") from exc
    if len(content) > LARGEST_FILE_BYTES:
        raise LimitExceeded(
            f"{shown(file)} is larger than the {LARGEST_FILE_BYTES:,} bytes of a rule file",
            hint="split it into one file a queue",
        )
    return content


def read_rules(file: Path) -> "RuleFile":
    """Read a rule file, its faults as findings.

    Raises:
        InvalidInput: it is no rule file at all; the message begins with the file's name.
    """
    from tieline.rules.rule_file import read_rule_file

    content = file_bytes(file)
    try:
        return read_rule_file(content)
    except InvalidInput as exc:
        raise _named(file, exc) from exc


def usable_rules(file: Path) -> "Ruleset":
    """Read a rule file that has no errors.

    Raises:
        InvalidInput: as `read_rules`, or `check` has an error.
    """
    from tieline.rules.check import check_rule_file, usable

    checked = check_rule_file(read_rules(file))
    try:
        return usable(checked)
    except InvalidInput as exc:
        raise _named(file, exc) from exc


def read_more_cases(file: Path) -> "tuple[Case, ...]":
    """Read a file of cases alone.

    Raises:
        InvalidInput: it is none, or a case is not usable; the message begins with the file's name.
    """
    from tieline.rules.rule_file import read_cases

    content = file_bytes(file)
    try:
        return read_cases(content)
    except InvalidInput as exc:
        raise _named(file, exc) from exc


def replace_file(file: Path, content: str) -> None:
    """Write a rule file whole or not at all: a full disk leaves the one that was there.

    Raises:
        InvalidInput: it cannot be written.
    """
    fresh = file.with_name(f".{file.name}.new")
    try:
        fresh.write_text(content, encoding="utf-8", newline="")
        fresh.chmod(file.stat().st_mode)
        fresh.replace(file.resolve())
    except OSError as exc:
        fresh.unlink(missing_ok=True)
        raise InvalidInput(f"{file} cannot be written: {exc.strerror}") from exc


def _named(file: Path, exc: InvalidInput) -> InvalidInput:
    return type(exc)(f"{shown(file)}: {exc.message}", hint=exc.hint, details=exc.details)
