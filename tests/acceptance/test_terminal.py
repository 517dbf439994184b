"""What only a terminal shows: questions, colour, Ctrl-C."""

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass
class Session:
    """A command on a terminal of its own; stdout stays a pipe."""

    process: "subprocess.Popen[bytes]"
    terminal: int
    screen: str = ""

    def until(self, text: str) -> None:
        while text not in self.screen:
            shown = os.read(self.terminal, 4096)
            assert shown, f"it ended without {text!r}: {self.screen}"
            self.screen += shown.decode()

    def type(self, text: str) -> None:
        os.write(self.terminal, text.encode())

    def end(self) -> tuple[int, str]:
        out, _ = self.process.communicate(timeout=30)
        with suppress(OSError):  # the terminal's other side is gone
            while shown := os.read(self.terminal, 4096):
                self.screen += shown.decode()
        return self.process.returncode, out.decode()


@contextmanager
def on_terminal(*words: str, folder: Path, **env: str) -> Iterator[Session]:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "tieline", *words],
        stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, cwd=folder, start_new_session=True,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "xterm", **env},
    )  # fmt: skip
    os.close(theirs)
    try:
        yield Session(process, ours)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def test_init_asks_and_writes_what_was_answered(tmp_path: Path) -> None:
    with on_terminal("init", folder=tmp_path) as session:
        session.until("platform or guide")
        session.type("platform\n")
        session.until("Region")
        session.type("eu-vest-1\n")
        session.until("did you mean")
        session.type("eu_west_1\n")
        session.until("client id")
        session.type("my-client\n")
        code, out = session.end()
    assert code == 0
    assert "wrote tieline.toml" in out
    text = (tmp_path / "tieline.toml").read_text()
    assert 'region = "eu-west-1"' in text
    assert 'client_id = "my-client"' in text


def test_ctrl_c_at_a_question_leaves_nothing_and_exits_130(tmp_path: Path) -> None:
    with on_terminal("init", folder=tmp_path) as session:
        session.until("platform or guide")
        session.process.send_signal(signal.SIGINT)
        code, _ = session.end()
    assert code == 130
    assert "interrupted" in session.screen
    assert "Traceback" not in session.screen
    assert list(tmp_path.iterdir()) == []


def test_a_command_that_is_interrupted_while_it_loads_ends_in_order(tmp_path: Path) -> None:
    # What is loaded first hangs: that is when Ctrl-C comes.
    slow = "import time\nprint('loading', flush=True)\ntime.sleep(60)\n"
    (tmp_path / "dataclasses.py").write_text(slow)
    process = subprocess.Popen(
        [sys.executable, "-m", "tieline", "functions", "show", "x"], cwd=tmp_path, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "loading\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "\ninterrupted: nothing was begun\n")


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_help_has_no_escape_sequence_where_no_colour_is_wanted(
    tmp_path: Path, env: dict[str, str]
) -> None:
    for words in (["functions", "--help"], ["functions"], ["functions", "invoke", "--help"]):
        code, screen = on_terminal_whole(*words, folder=tmp_path, **env)
        assert code == 0
        assert "invoke" in screen
        assert "\x1b" not in screen
    _, coloured = on_terminal_whole("functions", "--help", folder=tmp_path)
    assert "\x1b" in coloured


def test_an_id_in_a_table_is_not_folded_on_a_narrow_terminal(tmp_path: Path) -> None:
    name = "n" * 90
    (tmp_path / "table.py").write_text(
        "from tieline.cli.output import Output\n"
        f"Output().records([{{'id': 'i' * 46, 'name': '{name}'}}], columns=['id', 'name'])\n"
    )
    code, screen = on_terminal_whole("table.py", folder=tmp_path, module=False)
    assert (code, "i" * 46 in screen, name in screen) == (0, True, True)


def on_terminal_whole(
    *words: str, folder: Path, module: bool = True, **env: str
) -> tuple[int, str]:
    """Run a command whose stdout is the terminal too; its exit code and what the screen showed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, *(["-m", "tieline"] if module else []), *words],
        stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, start_new_session=True,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "xterm", **env},
    )  # fmt: skip
    os.close(theirs)
    screen = b""
    with suppress(OSError):  # the terminal's other side is gone
        while shown := os.read(ours, 65536):
            screen += shown
    os.close(ours)
    return process.wait(timeout=30), screen.decode()


@pytest.mark.parametrize(("env", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_an_error_is_coloured_on_a_terminal_unless_no_color_is_set(
    tmp_path: Path, env: dict[str, str], coloured: bool
) -> None:
    with on_terminal("nothing", folder=tmp_path, **env) as session:
        code, out = session.end()
    assert (code, out) == (2, "")
    assert ("\x1b[1;31merror:" in session.screen) == coloured
    assert "there is no group" in session.screen
