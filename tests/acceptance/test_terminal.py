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


@pytest.mark.parametrize(("env", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_an_error_is_coloured_on_a_terminal_unless_no_color_is_set(
    tmp_path: Path, env: dict[str, str], coloured: bool
) -> None:
    with on_terminal("nothing", folder=tmp_path, **env) as session:
        code, out = session.end()
    assert (code, out) == (2, "")
    assert ("\x1b[1;31merror:" in session.screen) == coloured
    assert "there is no group" in session.screen
