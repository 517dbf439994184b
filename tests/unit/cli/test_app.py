import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from cyclopts import App

from tieline.cli.app import globals_last, overview, run
from tieline.cli.context import DEFAULT, DEFAULT_LIST, ListOptions, Options
from tieline.cli.groups import GROUPS, Group
from tieline.cli.input import JsonInput, read_object
from tieline.errors import InvalidInput, NotFound, OutcomeUnknown

EXAMPLE = App(name="example", help="A group of this test.")


@EXAMPLE.command
def show(thing: str, /, *, options: Options = DEFAULT) -> None:
    """Show a thing."""
    if thing == "missing":
        raise NotFound("no thing 'missing'", status=404, hint="look again", correlation_id="c-1")
    if thing == "lost":
        raise OutcomeUnknown("no answer came")
    if thing == "bug":
        raise ZeroDivisionError
    if thing == "slow":
        raise KeyboardInterrupt("go on with `tieline runs resume r1`")
    options.output.note("a note")
    options.output.result({"thing": thing, "profile": options.profile, "none": None})


@EXAMPLE.command(name="list")
def list_things(*, options: ListOptions = DEFAULT_LIST) -> None:
    """List things."""
    records = [{"id": "1", "name": "ä [bold]"}, {"id": "2", "deep": {"a": [1]}}]
    options.output.records(records, columns=["id", "name", "deep"])


@EXAMPLE.command
async def echo(*, input: JsonInput, options: Options = DEFAULT) -> int:  # noqa: A002  # its name
    """Print the input."""
    options.output.result(read_object(input))
    return 7


Runner = Callable[..., tuple[int, str, str]]


@pytest.fixture
def tieline(capsys: pytest.CaptureFixture[str]) -> Iterator[Runner]:
    module: Any = ModuleType("tieline_example_group")
    module.app = EXAMPLE
    sys.modules["tieline_example_group"] = module
    groups = {**GROUPS, "example": Group("tieline_example_group:app", "A group of this test.")}

    def call(*tokens: str) -> tuple[int, str, str]:
        code = run(tokens, groups=groups)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield call
    root.handlers[:] = handlers
    root.setLevel(level)
    del sys.modules["tieline_example_group"]


def test_a_result_goes_to_stdout_and_notes_to_stderr(tieline: Runner) -> None:
    code, out, err = tieline("example", "show", "x")
    assert (code, err) == (0, "a note\n")
    assert out.splitlines() == ["thing  x"]  # what is null is for --json
    assert tieline("example", "show", "x", "--quiet")[2] == ""


def test_json_is_one_document(tieline: Runner) -> None:
    code, out, _ = tieline("example", "show", "x", "--json", "--profile", "p")
    assert (code, json.loads(out)) == (0, {"thing": "x", "profile": "p", "none": None})


def test_what_works_everywhere_works_before_the_group_too(tieline: Runner) -> None:
    _, out, _ = tieline("--json", "--profile=p", "example", "show", "x")
    assert json.loads(out)["profile"] == "p"


@pytest.mark.parametrize(
    ("given", "moved"),
    [
        (["--json", "a", "b"], ["a", "b", "--json"]),
        (["--profile", "p", "-q", "a", "--", "-x"], ["a", "--profile", "p", "-q", "--", "-x"]),
        (["--state-dir=/s", "a"], ["a", "--state-dir=/s"]),
        (["a", "--json", "--profile", "p", "b"], ["a", "b", "--json", "--profile", "p"]),
        (["-q", "a", "-v", "b", "c"], ["a", "b", "c", "-q", "-v"]),
        (["--profile"], ["--profile"]),
        (["--unknown", "a"], ["--unknown", "a"]),
        ([], []),
    ],
)
def test_only_options_of_everywhere_move_behind_the_command(
    given: list[str], moved: list[str]
) -> None:
    assert globals_last(given) == moved


def test_a_list_is_a_table_an_array_or_lines(tieline: Runner) -> None:
    _, table, _ = tieline("example", "list")
    assert "ä [bold]" in table
    assert '{"a":[1]}' in table
    assert "\x1b" not in table
    _, array, _ = tieline("example", "list", "--json")
    _, lines, _ = tieline("example", "list", "--jsonl")
    assert json.loads(array) == [json.loads(line) for line in lines.splitlines()]


def test_an_error_is_two_lines_on_stderr_and_nothing_on_stdout(tieline: Runner) -> None:
    code, out, err = tieline("example", "show", "missing")
    assert (code, out) == (2, "")
    assert err == "error: no thing 'missing'\ncorrelation id: c-1\nhint: look again\n"


def test_an_error_with_jsonl_is_the_document_on_one_line(tieline: Runner) -> None:
    _, pretty, _ = tieline("example", "show", "missing", "--json")
    code, out, err = tieline("example", "list", "--jsonl", "--nothing")

    assert (code, err, out.count("\n")) == (2, "", 1)
    assert json.loads(out).keys() == json.loads(pretty).keys()


def test_an_error_with_json_is_the_document_on_stdout(tieline: Runner) -> None:
    code, out, err = tieline("example", "show", "lost", "--json")
    assert (code, err) == (5, "")
    assert json.loads(out) == {
        "status": "error", "code": "OUTCOME_UNKNOWN", "message": "no answer came", "details": [],
        "hint": "", "correlation_id": None,
    }  # fmt: skip


USAGE = [
    ("unknown group", ["exmple"], "tieline example"),
    ("unknown verb", ["example", "sho"], "show"),
    ("missing argument", ["example", "show"], "tieline example show --help"),
    ("unknown option", ["example", "show", "x", "--colour"], "tieline example show --help"),
    ("too many arguments", ["example", "show", "x", "y"], "tieline example show --help"),
]


@pytest.mark.parametrize("case", USAGE, ids=[case[0] for case in USAGE])
def test_bad_usage_is_two_and_says_what_to_do(
    tieline: Runner, case: tuple[str, list[str], str]
) -> None:
    _, tokens, offer = case
    code, out, err = tieline(*tokens)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert offer in err
    code, out, _ = tieline(*tokens, "--json")
    assert (code, json.loads(out)["code"]) == (2, "VALIDATION_FAILED")


def test_the_unexpected_is_short_unless_verbose(tieline: Runner) -> None:
    code, out, err = tieline("example", "show", "bug")
    assert (code, out) == (1, "")
    assert "ZeroDivisionError" in err
    assert "Traceback" not in err
    assert "--verbose" in err
    assert "Traceback" in tieline("example", "show", "bug", "--verbose")[2]


def test_the_unexpected_is_an_error_document_too(tieline: Runner) -> None:
    code, out, err = tieline("example", "show", "bug", "--json")
    document = json.loads(out)
    assert (code, err, document["code"]) == (1, "", "UNSUPPORTED")
    assert document["details"] == [
        {"loc": [], "type": "unexpected", "message": "ZeroDivisionError"}
    ]


def test_an_error_shows_its_traceback_only_when_verbose(tieline: Runner) -> None:
    assert "Traceback" not in tieline("example", "show", "missing")[2]
    assert "Traceback" in tieline("example", "show", "missing", "-v")[2]


def test_an_interrupt_is_130_and_says_how_to_go_on(tieline: Runner) -> None:
    code, out, err = tieline("example", "show", "slow")
    assert (code, out) == (130, "")
    assert "tieline runs resume r1" in err


def test_an_async_command_returns_its_own_exit_code(tieline: Runner) -> None:
    code, out, _ = tieline("example", "echo", "--input", '{"a": 1}', "--json")
    assert (code, json.loads(out)) == (7, {"a": 1})


def test_bad_json_names_option_line_and_column(tieline: Runner) -> None:
    code, out, _ = tieline("example", "echo", "--input", '{"a": 1,\n"a": 2}', "--json")
    detail = json.loads(out)["details"][0]
    assert (code, detail["type"], detail["line"], detail["column"]) == (2, "duplicate_key", 2, 1)


def test_the_overview_names_every_group(tieline: Runner) -> None:
    code, out, _ = tieline("--help")
    assert (code, out) == tieline()[:2]
    assert all(f"  {name} " in overview() for name in GROUPS)
    assert "example" in out


def test_a_group_s_help_is_on_stdout(tieline: Runner) -> None:
    code, out, err = tieline("example", "--help")
    assert (code, err) == (0, "")
    assert "Show a thing." in out


@pytest.mark.parametrize("group", GROUPS)
def test_every_command_of_a_group_has_a_line_of_help(tieline: Runner, group: str) -> None:
    code, out, _ = tieline(group, "--help")

    assert code == 0
    listed = [line.strip("│ ") for line in out.splitlines() if line.startswith("│ ")]
    assert [line for line in listed if line.isidentifier()] == []


def test_stdin_is_read_for_a_hyphen() -> None:
    before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(b'{"a": "\xff"}'))
    try:
        with pytest.raises(InvalidInput, match="not UTF-8"):
            read_object("-")
    finally:
        sys.stdin = before
