import json

import pytest

from tieline.cli.output import Output, print_error, to_json, visible
from tieline.errors import InvalidInput

STEERING = "\x1b[2J\x07\x9b31m\u202egnp.exe\x7f\r"


def test_what_steers_a_terminal_is_written_out() -> None:
    assert visible(STEERING) == "\\x1b[2J\\x07\\x9b31m\\u202egnp.exe\\x7f\\x0d"


@pytest.mark.parametrize("text", ["two\nlines", "a\tb", "日本語 😀 é", "שלום"])
def test_all_other_text_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_json_holds_the_same_value_in_its_own_escapes() -> None:
    document = {"name": STEERING}

    text = to_json(document)

    assert not set("\x1b\x07\x9b\u202e\x7f\r") & set(text)
    assert json.loads(text) == document


def test_results_notes_tables_and_errors_cannot_steer(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output()

    output.result({"name": STEERING})
    output.result(None, text=STEERING)
    output.records([{"name": STEERING}], columns=["name"])
    output.note(STEERING)
    print_error(InvalidInput(STEERING, hint=STEERING), mode="text")

    written = capsys.readouterr()
    assert not set("\x1b\x07\x9b\u202e\x7f\r") & set(written.out + written.err)


def test_a_file_on_stdout_is_not_changed(capsys: pytest.CaptureFixture[str]) -> None:
    Output().verbatim({}, "name: \u202e")

    assert capsys.readouterr().out == "name: \u202e\n"
