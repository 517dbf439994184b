"""Code is unpacked once for its content, in a thread."""

import threading
from collections.abc import Iterator

import pytest

from tieline.emulator.running_code import CodeRunner

SOURCE = b"exports.handler = async (event) => ({ seen: event });\n"


class Package:
    """A package that notes who reads it."""

    def __init__(self, source: bytes = SOURCE) -> None:
        self.source = source
        self.readers: list[threading.Thread] = []

    def __call__(self) -> Iterator[tuple[str, bytes]]:
        self.readers.append(threading.current_thread())
        yield "src/index.js", self.source


async def seen(runner: CodeRunner, key: str, package: Package) -> object:
    ended = await runner.run(
        key, package, {"n": 1}, runtime="node", handler="src/index.handler", seconds=5
    )
    assert ended.status == "completed", ended
    return ended.result


async def test_a_package_is_read_once_and_never_on_the_loop() -> None:
    runner, package = CodeRunner(), Package()

    results = [await seen(runner, "one", package) for _ in range(3)]

    assert results == [{"seen": {"n": 1}}] * 3
    assert len(package.readers) == 1
    assert package.readers[0] is not threading.current_thread()


async def test_other_content_is_other_code() -> None:
    runner = CodeRunner()
    other = Package(b"exports.handler = async () => ({ v: 2 });")

    assert await seen(runner, "one", Package()) == {"seen": {"n": 1}}
    assert await seen(runner, "two", other) == {"v": 2}


async def test_a_package_that_cannot_be_read_leaves_nothing_behind() -> None:
    def broken() -> Iterator[tuple[str, bytes]]:
        yield "src/index.js", SOURCE
        raise OSError("damaged")

    runner, package = CodeRunner(), Package()

    with pytest.raises(OSError, match="damaged"):
        await runner.run("one", broken, {}, runtime="node", handler="src/index.handler", seconds=5)

    assert await seen(runner, "one", package) == {"seen": {"n": 1}}
