import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import anyio
import pytest

from tieline.observe.logs import bound_ids, configure_logs, logger
from tieline.secret import Secret


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield io.StringIO()
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_level_room_time_and_fields(stream: io.StringIO) -> None:
    configure_logs(form="json", level=logging.INFO, stream=stream)
    logger("http").info("sent", operation="flows.launch", attempt=2)
    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "sent", "level": "info", "logger": "tieline.http", "operation": "flows.launch",
        "attempt": 2,
    }  # fmt: skip


def test_ids_are_on_every_line_inside_the_block_and_follow_the_task(stream: io.StringIO) -> None:
    configure_logs(form="json", level=logging.INFO, stream=stream)

    async def one(name: str) -> None:
        with bound_ids(correlation_id=name, run_id=None):
            await anyio.lowlevel.checkpoint()
            logger("http").info("inside")

    async def both() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(one, "a")
            tasks.start_soon(one, "b")
        logger("http").info("outside")

    anyio.run(both)
    assert [line.get("correlation_id") for line in lines(stream)] == ["a", "b", None]
    assert all("run_id" not in line for line in lines(stream))


def test_secrets_are_scrubbed_from_our_lines_other_libraries_and_tracebacks(
    stream: io.StringIO,
) -> None:
    def scrub(text: str) -> str:
        return text.replace("hunter2", "***")

    configure_logs(form="json", level=logging.INFO, scrub=scrub, stream=stream)
    logger("http").info("hunter2", password="hunter2", deep={"a": ["hunter2", 1, None]})
    logging.getLogger("aiohttp.client").warning("token %s", "hunter2")
    try:
        int("hunter2")
    except ValueError:
        logger("http").exception("it broke")
    assert "hunter2" not in stream.getvalue()
    assert "ValueError: invalid literal" in stream.getvalue()
    assert len(lines(stream)) == 3


def test_by_default_personal_data_and_tokens_are_masked_and_ids_are_not(
    stream: io.StringIO,
) -> None:
    configure_logs(form="json", level=logging.INFO, stream=stream)
    execution = "3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11"
    logger("http").info("ada@example.com called", execution_id=execution, attempt=2)
    logging.getLogger("aiohttp").warning("Authorization: Bearer abcdefghijklmnop1234567890")
    assert "ada@example.com" not in stream.getvalue()
    assert "abcdefghijklmnop" not in stream.getvalue()
    first, second = lines(stream)
    assert first["execution_id"] == execution
    assert (first["logger"], second["logger"]) == ("tieline.http", "aiohttp")


def test_a_secret_object_shows_as_stars(stream: io.StringIO) -> None:
    configure_logs(form="json", level=logging.INFO, scrub=str, stream=stream)
    logger("http").info("token", token=Secret("hunter2"))
    assert lines(stream)[0]["token"] == "***"


def test_the_log_is_silent_below_its_level_and_without_configuration(stream: io.StringIO) -> None:
    logger("http").debug("nobody listens")
    configure_logs(form="json", level=logging.WARNING, stream=stream)
    logger("http").info("too quiet")
    assert stream.getvalue() == ""


def test_configuring_twice_replaces_and_does_not_double(stream: io.StringIO) -> None:
    configure_logs(form="json", level=logging.INFO, stream=io.StringIO())
    configure_logs(form="json", level=logging.INFO, stream=stream)
    logger("http").info("once")
    assert len(lines(stream)) == 1


def test_people_get_one_plain_line_without_colour_off_a_terminal(stream: io.StringIO) -> None:
    configure_logs(level=logging.INFO, stream=stream)
    logger("http").info("sent", attempt=2)
    assert "sent" in stream.getvalue()
    assert "attempt=2" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({"TERM": "xterm"}, True), ({"TERM": "dumb"}, False), ({"NO_COLOR": "1"}, False)],
)
def test_a_line_is_coloured_on_a_terminal_unless_people_want_none(
    environment: dict[str, str],
    coloured: bool,
    monkeypatch: pytest.MonkeyPatch,
    stream: io.StringIO,
) -> None:
    del stream  # puts the root logger back
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    terminal = Terminal()

    configure_logs(form="console", level=logging.INFO, stream=terminal)
    logger("http").info("sent")

    assert ("\x1b[" in terminal.getvalue()) == coloured


def test_what_another_library_says_in_colour_is_said_once_and_plainly(stream: io.StringIO) -> None:
    configure_logs(form="json", level=logging.INFO, stream=stream)

    logging.getLogger("a.library").info("Started %d", 1, extra={"color_message": "\x1b[36m%d"})

    (line,) = lines(stream)
    assert (line["event"], "color_message" in line) == ("Started 1", False)
