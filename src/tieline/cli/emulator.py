"""`tieline emulator`: start one, look at what it was asked, make it misbehave."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from tieline.cli.context import DEFAULT, DEFAULT_LIST, Flag, ListOptions, Options, Port
from tieline.cli.exits import Exit
from tieline.cli.input import JsonInput, read_json

if TYPE_CHECKING:
    from tieline.emulator.server import Address

app = App(name="emulator", help="Run the local emulator and control it.")

Url = Annotated[str, Parameter(name="--url", env_var="TIELINE_EMULATOR_URL")]
"""Where the emulator answers."""

_LOCAL = "http://127.0.0.1:8089"
_COLUMNS = ("n", "time", "method", "path", "status", "fault", "effect", "duplicate_of")


@app.command
def start(
    *,
    host: str = "127.0.0.1",
    port: Port = 8089,
    fixture: Path | None = None,
    ready_file: Path | None = None,
    clock: Literal["real", "virtual"] = "real",
    options: Options = DEFAULT,
) -> int:
    """Start an emulator and serve until interrupted.

    Prints one line of JSON with url, pid and the demo client's credentials once it answers.

    ```console
    tieline emulator start
    tieline emulator start --port 0 --ready-file ready.json --clock virtual
    ```

    Args:
        host: Address to listen on; from elsewhere the control calls need TIELINE_EMULATOR_TOKEN.
        port: Port to listen on; 0 takes a free one.
        fixture: What exists at the start: a JSON or YAML file, laid over the default fixture.
        ready_file: Written with the printed line once requests are answered.
        clock: Whether time passes by itself, or only by `tieline emulator advance`.
    """
    from tieline.cli.output import print_line
    from tieline.emulator.app import create_app
    from tieline.emulator.server import serve
    from tieline.serving import write_whole

    def ready(address: "Address") -> None:
        if ready_file is not None:
            write_whole(ready_file, address.ready_line())
        print_line(address.ready_line())
        options.output.note("the emulator is ready; Ctrl-C stops it")

    # Ctrl-C is how a server is stopped, and not an interruption of anything.
    with suppress(KeyboardInterrupt):
        serve(create_app(fixture, clock), host=host, port=port, ready=ready)
    return Exit.OK


@app.command
def journal(*, url: Url = _LOCAL, since: int = 0, options: ListOptions = DEFAULT_LIST) -> int:
    """List what the emulator was asked, and what came of it.

    An effect that has `duplicate_of` is a side effect that happened before, by an equal request.

    ```console
    tieline emulator journal
    tieline emulator journal --since 12 --jsonl
    ```

    Args:
        url: Where the emulator answers.
        since: Only entries with a greater number.
    """
    told = _control(url, "GET", f"/journal?since={since}")
    options.output.records(told["entries"], columns=_COLUMNS)
    return Exit.OK


@app.command
def reset(*, url: Url = _LOCAL, options: Options = DEFAULT) -> int:
    """Go back to the fixture; empty journal and faults.

    ```console
    tieline emulator reset
    ```

    Args:
        url: Where the emulator answers.
    """
    options.output.result(_control(url, "POST", "/reset", {}))
    return Exit.OK


@app.command
def advance(seconds: float, /, *, url: Url = _LOCAL, options: Options = DEFAULT) -> int:
    """Move the emulator's time on: executions, token expiry, rate windows.

    ```console
    tieline emulator advance 86400
    ```

    Args:
        seconds: How far.
        url: Where the emulator answers.
    """
    options.output.result(_control(url, "POST", "/clock", {"advance": seconds}))
    return Exit.OK


@app.command
def fault(
    rules: JsonInput | None = None,
    /,
    *,
    clear: Flag = False,
    url: Url = _LOCAL,
    options: Options = DEFAULT,
) -> int:
    """Add fault rules, or list them; `--clear` removes all first.

    ```console
    tieline emulator fault '{"match": {"path": "/api/v2/flows/executions"},
                             "calls": [1], "do": {"kind": "drop_after_commit"}}'
    tieline emulator fault @faults.json
    tieline emulator fault --clear
    ```

    Args:
        rules: One rule or a list: literal JSON, @file, or - for stdin.
        clear: Remove all rules first.
        url: Where the emulator answers.
    """
    if clear:
        _control(url, "DELETE", "/faults")
    if rules is not None:
        _control(url, "POST", "/faults", read_json(rules, what="rules"))
    options.output.result(_control(url, "GET", "/faults"))
    return Exit.OK


@app.command
def record(file: Path, /, *, url: Url = _LOCAL, options: Options = DEFAULT) -> int:
    """Write what the emulator was asked since its last reset, to be replayed.

    The file begins with the state of that moment, the emulator's own secrets included; then
    follows each request with its answer. The latest 20,000 are kept.

    ```console
    tieline emulator record session.jsonl
    ```

    Args:
        file: Where to write, as JSON lines.
        url: Where the emulator answers.
    """
    from tieline.emulator.replaying import write_recording

    told = _control(url, "GET", "/recording")
    write_recording(file, told)
    options.output.result(
        {"file": str(file), "requests": len(told["exchanges"]), "dropped": told["dropped"]}
    )
    return Exit.OK


@app.command
def replay(
    file: Path, /, *, fixture: Path | None = None, url: str | None = None,
    options: Options = DEFAULT,
) -> int:  # fmt: skip
    """Send a recording's requests again and report where the answers differ (exit code 7).

    Without --url an emulator is started for it. Its state is put in place first, so never replay
    at an emulator that somebody is using.

    ```console
    tieline emulator replay session.jsonl
    tieline emulator replay session.jsonl --fixture changed.yaml --json
    ```

    Args:
        file: A recording of `tieline emulator record`.
        fixture: Begin from this fixture instead of the recorded state.
        url: Replay at this running emulator.
    """
    from tieline.emulator.fixture import load_fixture
    from tieline.emulator.replaying import read_recording
    from tieline.emulator.replaying import replay as replay_at
    from tieline.emulator.server import running

    state, exchanges = read_recording(file)
    if fixture is not None:
        state = load_fixture(fixture)
    if url is not None:
        result = replay_at(url, state, exchanges)
    else:
        with running() as (_, address):
            result = replay_at(address.url, state, exchanges)
    options.output.result(result.to_json())
    return Exit.PROBLEMS if result.differences else Exit.OK


def _control(url: str, method: str, path: str, body: object = None) -> dict[str, Any]:
    from tieline.emulator.remote_control import RemoteControl

    told: dict[str, Any] = RemoteControl(url).call(method, path, body)
    return told
