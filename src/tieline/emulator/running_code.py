"""Runs code that was uploaded, or stands in a fixture, in the sandbox.

The sandbox is loaded with the first run: an emulator that runs no code starts without it. Every
run gets the strictest tier this machine has. Code is unpacked once into a folder that goes with
the world it belongs to.
"""

import asyncio
import shutil
import tempfile
import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tieline.types import JsonObject

if TYPE_CHECKING:
    from tieline.sandbox import RunResult, Sandbox


class CodeRunner:
    """Code of one world, by a key that names its content."""

    def __init__(self) -> None:
        self._sandbox: Sandbox | None = None
        self._folder: Path | None = None
        self.ended: Counter[tuple[str, ...]] = Counter()
        """How many runs ended so: runtime, tier, status, and the reason or `none`."""

    async def run(
        self,
        key: str,
        files: Callable[[], Iterable[tuple[str, bytes]]],
        event: JsonObject,
        *,
        runtime: Literal["python", "node"],
        handler: str | None,
        seconds: float,
        memory_mb: int = 256,
        allowed_packages: Sequence[str] | None = None,
        client_context: Mapping[str, str] | None = None,
    ) -> "RunResult":
        """Run a handler once; `files` are read, in a thread, the first time the key is seen.

        Raises:
            InvalidInput: the handler is not in the code, the event is too large, or this machine
                has no sandbox at all.
        """
        from tieline.sandbox import Limits, available_tiers  # noqa: PLC0415  # see the module
        from tieline.sandbox.tiers import strictest_tier  # noqa: PLC0415  # as above

        sandbox, folder = self._opened()
        tiers = await asyncio.to_thread(available_tiers)
        place = folder / key
        if not place.exists():
            await asyncio.to_thread(_unpack, place, files)
        result = await sandbox.run(
            place,
            event,
            runtime=runtime,
            handler=handler,
            limits=Limits(wall_s=seconds, memory_mb=memory_mb),
            tier=strictest_tier(tiers),
            allowed_packages=allowed_packages,
            client_context=client_context,
        )
        how = (runtime, result.tier or "none", result.status, result.reason or "none")
        self.ended[how] += 1
        return result

    def _opened(self) -> "tuple[Sandbox, Path]":
        if self._sandbox is None or self._folder is None:
            from tieline.sandbox import Sandbox  # noqa: PLC0415  # see the module

            self._sandbox = Sandbox(ready=1)
            self._folder = Path(tempfile.mkdtemp(prefix="tieline-emulator-"))
            # With the world that goes, or with the process: nobody closes an emulator.
            weakref.finalize(self, _close, self._sandbox, self._folder)
        return self._sandbox, self._folder


def _close(sandbox: "Sandbox", folder: Path) -> None:
    sandbox.close()
    shutil.rmtree(folder, ignore_errors=True)


def _unpack(place: Path, files: Callable[[], Iterable[tuple[str, bytes]]]) -> None:
    draft = Path(tempfile.mkdtemp(dir=place.parent))
    try:
        for name, content in files():
            file = draft / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        with suppress(OSError):  # another run has put it there meanwhile
            draft.rename(place)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
