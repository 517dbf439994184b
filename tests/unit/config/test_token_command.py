import sys

import pytest

from tieline.config.token_command import run_token_command
from tieline.errors import ConfigInvalid


def python(source: str) -> list[str]:
    return [sys.executable, "-c", source]


def test_the_token_is_what_the_command_prints() -> None:
    assert run_token_command(python("print('abc.def')")).reveal() == "abc.def"


def test_the_words_are_no_shell_text() -> None:
    vector = [*python("import sys; print(sys.argv[1])"), "$(id)"]
    assert run_token_command(vector).reveal() == "$(id)"


REFUSED = [
    ("missing", ["no-such-command-here"], "cannot be run"),
    ("failing", python("import sys; print('t0ken'); sys.exit(3)"), "exit code 3"),
    ("silent", python(""), "printed nothing"),
    ("chatty", python("print('your token: t0ken')"), "not one token"),
    ("binary", python("import sys; sys.stdout.buffer.write(bytes([255]))"), "not one token"),
]


@pytest.mark.parametrize(
    ("vector", "message"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_anything_else_is_refused_without_repeating_it(vector: list[str], message: str) -> None:
    with pytest.raises(ConfigInvalid, match=message) as caught:
        run_token_command(vector)
    assert "t0ken" not in caught.value.message


def test_a_command_that_hangs_is_ended() -> None:
    with pytest.raises(ConfigInvalid, match=r"within 0\.2 s"):
        run_token_command(python("import time; time.sleep(60)"), timeout_s=0.2)
