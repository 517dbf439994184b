"""Signs what was appended: grows the tree, publishes its tiles, writes the checkpoint.

    checkpoint            the newest signed note
    checkpoint.place      where its last line ends, so that the next one need not search
    checkpoints.jsonl     one earlier note for each 256 records or minute: they narrow down where
                          a log was rewritten by someone who rewrote its tree as well

Only lines that are durable are signed. So a checkpoint larger than the log means that lines were
taken away, never that a crash lost them.
"""

import os
from dataclasses import asdict
from pathlib import Path

import orjson

from tieline.audit.checkpoint import Checkpoint, parse_checkpoint, parse_note
from tieline.audit.keychain import signer_of
from tieline.audit.merkle import EMPTY_ROOT, leaf_hash
from tieline.audit.tiles import TILE_WIDTH
from tieline.errors import InvalidInput, StoreUnavailable
from tieline.store.segments.files import (
    VERIFY_HINT,
    last_line,
    list_segments,
    storing,
    write_private,
    write_whole,
)
from tieline.store.segments.keys import LogKeys, load_keys, rotate_signing_key
from tieline.store.segments.lock import FileLock
from tieline.store.segments.tree import Place, Tree, TreeFiles, read_lines

_HISTORY_SECONDS = 60.0


class Checkpointer:
    """The tree of one log in this process. Use it from one thread at a time."""

    def __init__(self, folder: Path, log_id: str, keys: LogKeys) -> None:
        """Read the present checkpoint and the edge of its tree, repairing lost tiles.

        Raises:
            StoreUnavailable: the checkpoint is missing, not signed by the log's key, or not the
                checkpoint of the lines that are there.
        """
        self._folder = folder
        self._log_id = log_id
        self._keys = keys
        self._files = TreeFiles(folder)
        with storing(folder):
            self._lock = FileLock(folder / "checkpoint.lock")
            with self._lock.held():
                self._note, self._chain_bytes = "", 0
                self._refresh()

    @property
    def size(self) -> int:
        """How many lines the checkpoint that this process knows of covers."""
        return self._tree.size

    def sign(self, end: Place, *, wall: float) -> Checkpoint:
        """Cover the lines before `end`, all of which are durable, with a checkpoint.

        Raises:
            StoreUnavailable: it cannot be written, or the lines contradict what was signed.
        """
        with storing(self._folder), self._lock.held():
            self._refresh()
            if end.seq > self._tree.size:
                self._grow(end)
                self._write(wall=wall)
            return Checkpoint(self._keys.signer.verifier.name, self._tree.size, self._tree.root())

    def rotate_key(self) -> LogKeys:
        """Sign with a fresh key from here on.

        Raises:
            StoreUnavailable: the keys cannot be written.
        """
        with storing(self._folder), self._lock.held():
            self._refresh()
            self._keys = rotate_signing_key(self._folder / "keys", self._keys, size=self._tree.size)
            return self._keys

    def close(self) -> None:
        """Let go of the lock's file."""
        self._lock.close()

    def _refresh(self) -> None:
        """Take in what another process signed, or handed over to, since."""
        # The chain only ever grows, and may have done so without a checkpoint since.
        chain_bytes = (self._folder / "keys" / "log.keys").stat().st_size
        if chain_bytes != self._chain_bytes:
            self._keys = load_keys(self._folder / "keys", self._log_id)
            self._chain_bytes = chain_bytes
        note = (self._folder / "checkpoint").read_text("utf-8")
        if note == self._note:
            return
        point = self._read(note)
        self._tree, self._at = self._load(point)
        self._note = note

    def _read(self, note: str) -> Checkpoint:
        path = self._folder / "checkpoint"
        try:
            signed = parse_note(note)
            point = parse_checkpoint(signed.text)
        except InvalidInput as exc:
            raise StoreUnavailable(f"{path} is damaged: {exc}", hint=VERIFY_HINT) from exc
        if signer_of(signed, point.size, self._keys.chain) is None:
            raise StoreUnavailable(f"{path} is not signed by the log's key", hint=VERIFY_HINT)
        return point

    def _load(self, point: Checkpoint) -> tuple[Tree, Place]:
        try:
            tree = Tree.load(self._files, point.size)
        except FileNotFoundError:
            tree = Tree(self._files)
        if tree.root() == point.root and tree.size == point.size:
            return tree, self._place_of(point.size)
        return self._rebuild(point)

    def _rebuild(self, point: Checkpoint) -> tuple[Tree, Place]:
        """Compute lost tiles again from the lines; they must come to the signed root."""
        tree, at = Tree(self._files), Place(0, 0, 0)
        try:
            for lines, behind in read_lines(self._folder, at, Place(point.size, 0, 0)):
                tree.grow([leaf_hash(line) for line in lines])
                at = behind
        except FileNotFoundError as exc:
            raise self._contradicted(point) from exc
        if tree.root() != point.root:
            raise self._contradicted(point)
        tree.publish()
        return tree, at

    def _contradicted(self, point: Checkpoint) -> StoreUnavailable:
        return StoreUnavailable(
            f"the audit log at {self._folder} lacks or changed some of its {point.size} signed"
            " records",
            hint=VERIFY_HINT,
        )

    def _place_of(self, size: int) -> Place:
        """Where the checkpoint's last line ends: as noted beside it, or counted again."""
        if size == 0:
            return Place(0, 0, 0)
        try:
            place = Place(**orjson.loads((self._folder / "checkpoint.place").read_bytes()))
        except (FileNotFoundError, orjson.JSONDecodeError, TypeError):
            place = Place(0, 0, 0)
        if place.seq == size:
            return place
        before = [s.first for s in list_segments(self._folder) if s.first <= size]
        at = Place(max(before, default=0), max(before, default=0), 0)
        for _, behind in read_lines(self._folder, at, Place(size, 0, 0)):
            at = behind
        return at

    def _grow(self, end: Place) -> None:
        replaced = self._tree.partial_tiles()
        for lines, at in read_lines(self._folder, self._at, end):
            self._tree.grow([leaf_hash(line) for line in lines])
            self._at = at
        self._tree.publish()
        kept = self._tree.partial_tiles()
        for tile in replaced:
            if tile not in kept:
                self._files.forget_partial(tile)

    def _write(self, *, wall: float) -> None:
        name = self._keys.signer.verifier.name
        point = Checkpoint(name, self._tree.size, self._tree.root())
        note = self._keys.signer.sign(point.text)
        write_private(self._folder / "checkpoint.place", orjson.dumps(asdict(self._at)))
        write_private(self._folder / "checkpoint", note.encode())
        self._note = note
        self._remember(point, note, wall=wall)

    def _remember(self, point: Checkpoint, note: str, *, wall: float) -> None:
        descriptor = os.open(
            self._folder / "checkpoints.jsonl", os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600
        )
        try:
            state = os.fstat(descriptor)
            line = last_line(descriptor, state.st_size)
            last = orjson.loads(line)["size"] if line else 0
            late = abs(wall - state.st_mtime) >= _HISTORY_SECONDS
            if late or not line or point.size - last >= TILE_WIDTH:
                entry = orjson.dumps({"size": point.size, "note": note})
                write_whole(descriptor, entry + b"\n", start=state.st_size)
        finally:
            os.close(descriptor)


def first_checkpoint(folder: Path, keys: LogKeys) -> None:
    """Sign the empty log: from then on, a log without a checkpoint was tampered with."""
    empty = Checkpoint(keys.signer.verifier.name, 0, EMPTY_ROOT)
    write_private(folder / "checkpoint", keys.signer.sign(empty.text).encode())
