"""Reading items for a run: a file, standard input, or anything iterable; streaming."""

import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from tieline.errors import Conflict, InvalidInput
from tieline.runs.item import NewItem, Reject
from tieline.runs.item_lines import Format, format_of, read_items
from tieline.runs.item_text import LARGEST_ITEM_BYTES, read_item, reject
from tieline.types import JsonObject

Items = str | Path | Iterable[Mapping[str, Any]]
"""A path, `-` for standard input, or the inputs themselves."""

_SHOWN = 20
_BLOCK = 1 << 20


class ItemsSource:
    """The items of a run and, once they were all read, the SHA-256 of the bytes they came from."""

    def __init__(
        self, items: Items, *, reference_field: str | None, rejects: Path | None = None
    ) -> None:
        """With `rejects`, what is no item is written there; without, it refuses the whole.

        `check` may be set before the items are read: it raises `InvalidInput` where the target
        does not take one.

        Raises:
            InvalidInput: the name tells no format.
        """
        self._items = items
        self._field = reference_field
        self._rejects = rejects
        self.check: Callable[[JsonObject], None] | None = None
        self._hash = hashlib.sha256()
        self.rejected = 0
        self.name: str | None = None
        self._format: Format = "jsonl"
        if isinstance(items, str | Path):
            name = str(items).removeprefix("@")
            self._format = format_of(name)
            self.name = name if name == "-" else str(Path(name).absolute())

    def sha256(self) -> str | None:
        """Hash of the file's bytes; None where there is no file to compare with later."""
        return None if self.name in {None, "-"} else self._hash.hexdigest()

    def __iter__(self) -> Iterator[NewItem]:
        """Read the items one by one.

        Raises:
            InvalidInput: something is no item (its line, and how many more), or cannot be read.
        """
        if self._rejects is None:
            yield from self._strictly(self._checked())
            return
        try:
            with self._rejects.open("w", encoding="utf-8") as file:
                yield from self._setting_aside(file)
        except OSError as exc:
            raise InvalidInput(
                f"{self._rejects} cannot be written: {exc.strerror}",
                hint="name a file in a folder you may write to",
            ) from exc

    def _setting_aside(self, file: Any) -> Iterator[NewItem]:
        for found in self._checked():
            if isinstance(found, NewItem):
                yield found
                continue
            self.rejected += 1
            entry = {"line": found.line, "error": found.message, "raw": found.raw}
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")

    def _strictly(self, found: Iterable[NewItem | Reject]) -> Iterator[NewItem]:
        rejects: list[Reject] = []
        for one in found:
            if isinstance(one, NewItem) and not rejects:
                yield one
            elif isinstance(one, Reject):
                self.rejected += 1
                rejects.append(one)
                if len(rejects) == _SHOWN:
                    break
        if rejects:
            raise self._refusal(rejects)

    def _refusal(self, rejects: list[Reject]) -> InvalidInput:
        first = rejects[0]
        more = ""
        if len(rejects) > 1:
            more = f"; {len(rejects) - 1}{' or' if len(rejects) == _SHOWN else ''} more"
            more += " lines are no items" if len(rejects) == _SHOWN else ""
        return InvalidInput(
            f"{self.name or 'items'}, line {first.line}: {first.message}{more};"
            " nothing was started",
            hint="mend them, or set them aside with `--skip-invalid rejects.jsonl`",
            details=[
                {"loc": ["items", one.line], "type": "item", "message": one.message}
                for one in rejects
            ],
        )

    def _checked(self) -> Iterator[NewItem | Reject]:
        check = self.check
        for found in self._read():
            if check is None or isinstance(found, Reject):
                yield found
                continue
            try:
                check(json.loads(found.text))
            except InvalidInput as refused:
                yield reject(found.line, refused.message, found.text.encode())
            else:
                yield found

    def _read(self) -> Iterator[NewItem | Reject]:
        if not isinstance(self._items, str | Path):
            yield from self._from_inputs(self._items)
            return
        with _opened(self.name or "") as file:
            yield from read_items(self._lines(file), form=self._format, reference_field=self._field)

    def _from_inputs(self, inputs: Iterable[Mapping[str, Any]]) -> Iterator[NewItem | Reject]:
        for number, value in enumerate(inputs, start=1):
            try:
                text = json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
            except (TypeError, ValueError) as exc:
                yield Reject(number, f"no JSON: {exc}", repr(value)[:_BLOCK])
                continue
            yield read_item(text, line=number, reference_field=self._field)

    def _lines(self, file: BinaryIO) -> Iterator[bytes]:
        # Bounded, whatever stands in the file: a line beyond the limit comes cut, and is refused.
        while line := file.readline(LARGEST_ITEM_BYTES + 2):
            self._hash.update(line)
            if not line.endswith(b"\n") and len(line) > LARGEST_ITEM_BYTES:
                self._skip_line(file)
            yield line

    def _skip_line(self, file: BinaryIO) -> None:
        while rest := file.readline(_BLOCK):
            self._hash.update(rest)
            if rest.endswith(b"\n"):
                return


def check_unchanged(source: str | None, sha256: str | None) -> None:
    """Refuse to go on with a run whose file was changed: its author may expect the changes.

    A file that is gone does not matter: the ledger holds the items.

    Raises:
        Conflict: the file is another one by now.
    """
    if source is None or sha256 is None or not Path(source).is_file():
        return
    digest = hashlib.sha256()
    with _opened(source) as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    if digest.hexdigest() != sha256:
        raise Conflict(
            f"{source} was changed since the run was started; the run has its items as they were",
            status=409,
            hint="`--keep-items` goes on with those; for the changed file start another run",
        )


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(name).open("rb") as file:
            yield file
    except OSError as exc:
        raise InvalidInput(
            f"{name} cannot be read: {exc.strerror}",
            hint="name the file of the items, or - for stdin",
        ) from exc
