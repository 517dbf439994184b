"""The command line's entry: finds the group, runs the command, turns errors into exit codes.

`tieline --help` is printed from the table of groups, without loading the framework: it alone
costs more than the budget of 0.15 s.
"""

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tieline import __version__
from tieline.cli.exits import Exit, exit_of_error
from tieline.cli.groups import GROUPS, Group
from tieline.cli.output import Mode, colour_wanted, plain_console, print_error, print_line
from tieline.errors import Error, InvalidInput, Unsupported

if TYPE_CHECKING:
    from cyclopts import App, CycloptsError

_SUMMARY = "Automate a contact centre on Genesys Cloud: invoke, run, deploy, verify, prove."
_FLAGS_EVERYWHERE = frozenset({"--json", "--jsonl", "--quiet", "-q", "--verbose", "-v"})
_VALUES_EVERYWHERE = frozenset({"--profile", "--state-dir"})
_HELP = frozenset({"--help", "-h"})


def main() -> None:
    """Run the command of `sys.argv` and leave with its exit code."""
    sys.exit(run(sys.argv[1:]))


def run(tokens: Sequence[str], *, groups: Mapping[str, Group] = GROUPS) -> int:
    """Run one command line and return its exit code; never raises."""
    words = globals_last(tokens)
    if not words or words[0] in {"--help", "-h", "help"}:
        print_line(overview(groups))
        return Exit.OK
    if words[0] in {"--version", "-V"}:
        print_line(__version__)
        return Exit.OK
    try:
        return _run_group(words, groups)
    except BrokenPipeError:
        return _reader_left()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  # the one place that explains
        return _explain(error, words)


def globals_last(tokens: Sequence[str]) -> list[str]:
    """Move options that work everywhere from around the group to behind the command."""
    before, rest = _leading_globals(tokens)
    between, rest_of_group = _leading_globals(rest[1:])
    words = rest[:1] + rest_of_group
    end = words.index("--") if "--" in words else len(words)
    return words[:end] + before + between + words[end:]


def _leading_globals(tokens: Sequence[str]) -> tuple[list[str], list[str]]:
    rest, moved = list(tokens), list[str]()
    while rest:
        name, equals, _ = rest[0].partition("=")
        if rest[0] in _FLAGS_EVERYWHERE or (equals and name in _VALUES_EVERYWHERE):
            moved.append(rest.pop(0))
        elif rest[0] in _VALUES_EVERYWHERE and len(rest) > 1:
            moved += [rest.pop(0), rest.pop(0)]
        else:
            break
    return moved, rest


def overview(groups: Mapping[str, Group] = GROUPS) -> str:
    """The text of `tieline --help`."""
    width = max(len(name) for name in groups)
    lines = [f"  {name:<{width}}  {group.help}" for name, group in groups.items()]
    return "\n".join(
        [
            f"tieline {__version__}",
            _SUMMARY,
            "",
            "Usage: tieline GROUP VERB [OPTIONS]",
            "",
            *lines,
            "",
            "Everywhere: --json  --profile NAME  --state-dir DIR  --quiet  --verbose",
            "Lists also: --jsonl",
            "Every input takes a literal JSON, @file or - for stdin.",
            "",
            "  tieline demo                 the main job, on an embedded emulator",
            "  tieline GROUP --help         the verbs of a group, with examples",
        ]
    )


def build(groups: Mapping[str, Group] = GROUPS) -> "App":
    """The whole command tree; groups stay unloaded until one is chosen."""
    from cyclopts import App

    app = App(name="tieline", help=_SUMMARY, version=__version__, help_format="markdown")
    for name, group in groups.items():
        app.command(group.home, name=name)
    return app


def _run_group(words: Sequence[str], groups: Mapping[str, Group]) -> int:
    from cyclopts import CycloptsError

    if words[0] not in groups:
        raise _unknown_group(words[0], groups)
    if _verbose(words):
        import logging

        from tieline.observe.logs import configure_logs

        configure_logs(level=logging.INFO)
    app = build(groups)
    if _asks_for_help(words) and not colour_wanted(sys.stdout):
        app.console = plain_console()
    app.suppress_keyboard_interrupt = False
    try:
        ended = app(words, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        raise _usage(error, words) from error
    return int(ended) if isinstance(ended, int) else Exit.OK


def _asks_for_help(words: Sequence[str]) -> bool:
    return len(words) == 1 or not _HELP.isdisjoint(words)


def _unknown_group(word: str, groups: Mapping[str, Group]) -> InvalidInput:
    from difflib import get_close_matches

    near = get_close_matches(word, groups, n=1)
    hint = f"did you mean `tieline {near[0]}`?" if near else "`tieline --help` lists the groups"
    return InvalidInput(f"there is no group {word!r}", hint=hint)


def _usage(error: "CycloptsError", words: Sequence[str]) -> InvalidInput:
    chain = " ".join(["tieline", *(error.command_chain or words[:1])])
    message = " ".join(str(error).split())
    return InvalidInput(message, hint=f"`{chain} --help` shows what it takes")


def _explain(error: BaseException, words: Sequence[str]) -> int:
    if _verbose(words):
        sys.excepthook(type(error), error, error.__traceback__)
    if isinstance(error, KeyboardInterrupt):
        return _interrupted(error)
    if isinstance(error, Error):
        print_error(error, mode=_mode(words))
        return exit_of_error(error)
    print_error(_unexpected(error), mode=_mode(words))
    return Exit.FAILED


def _unexpected(error: BaseException) -> Error:
    # Its own words stay out: they may hold input, or a secret.
    return Unsupported(
        f"{type(error).__name__}, which Tieline did not expect",
        hint="run it again with --verbose for the traceback, and report that",
        details=[{"loc": [], "type": "unexpected", "message": type(error).__name__}],
    )


def _mode(words: Sequence[str]) -> Mode:
    if "--jsonl" in words:
        return "jsonl"
    return "json" if "--json" in words else "text"


def _interrupted(interrupt: KeyboardInterrupt) -> int:
    # A command that leaves state behind raises KeyboardInterrupt with how to resume it.
    how = str(interrupt) or "nothing was left half-done"
    sys.stderr.write(f"\ninterrupted: {how}\n")
    return Exit.INTERRUPTED


def _reader_left() -> int:
    # `tieline … | head`: the reader has what it wanted. Python would complain again at exit.
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return Exit.OK


def _verbose(words: Sequence[str]) -> bool:
    return "--verbose" in words or "-v" in words
