import pytest

from tieline.cli.app import run


@pytest.mark.parametrize(
    "words", [["emulator", "start"], ["actions", "serve", "actions.py"], ["dashboard"]]
)
@pytest.mark.parametrize("port", ["70000", "-1", "x"])
def test_a_port_that_cannot_be_is_bad_usage(
    words: list[str], port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*words, f"--port={port}"]) == 2
    assert "--port" in capsys.readouterr().err
