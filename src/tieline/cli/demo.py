"""`tieline demo`: the main job once, on an embedded emulator, with the faults that matter."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tieline.cli.context import DEFAULT, Options
from tieline.cli.exits import Exit
from tieline.types import DialectName

if TYPE_CHECKING:
    from tieline.cli.demo_script import Step
    from tieline.emulator.server import Address


def demo(*, keep: Path | None = None, options: Options = DEFAULT) -> int:
    """Show functions, data actions, flows and routing rules, really called over HTTP.

    Starts an emulator on a free port of this machine and stops it again. Needs no configuration
    and no account; nothing leaves this machine.

    ```console
    tieline demo
    tieline demo --json
    tieline demo --keep demo-state && tieline audit verify --state-dir demo-state
    ```

    Args:
        keep: Leave the state directory, the audit log in it, in this folder.
    """
    from tieline.emulator.server import running

    output = options.output
    done: list[Step] = []
    with _folder(keep) as folder, running() as (_, address):
        _say(options, f"An emulator answers at {address.url}; nothing leaves this machine.")
        for step in _steps(address, folder):
            if not done or done[-1].dialect != step.dialect:
                _say(options, f"\n{step.dialect} dialect")
            done.append(step)
            _say(options, _line(step))
        records = _recorded(folder)
    ok = all(step.ok for step in done)
    ending = "Everything is as promised." if ok else "NOT everything is as promised."
    _say(options, f"\n{ending} The audit log held {records} records of it:")
    _say(options, "an intent before each request that changes something, an outcome after it.")
    if output.mode != "text":
        output.result({"ok": ok, "audit_records": records, "steps": [s.to_json() for s in done]})
    return Exit.OK if ok else Exit.FAILED


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    from tempfile import TemporaryDirectory

    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.absolute()
        return
    with TemporaryDirectory(prefix="tieline-demo-") as folder:
        yield Path(folder)


def _steps(address: "Address", folder: Path) -> "Iterator[Step]":
    from tieline.blocking.client import Client
    from tieline.cli.demo_script import Script, guarded
    from tieline.config.profile import Profile
    from tieline.secret import Secret
    from tieline.services.connection import open_session

    dialects: tuple[DialectName, ...] = ("platform", "guide")
    for api in dialects:
        profile = Profile(
            name="demo",
            api=api,
            base_url=address.url,
            login_url=address.url,
            state_dir=folder,
            client_id=address.client_id,
            client_secret=Secret(address.client_secret),
        )
        with Client(session=open_session(profile)) as client:
            yield from guarded(Script(client, address.url).steps(), api)


def _recorded(folder: Path) -> int:
    segments = sorted((folder / "audit" / "segments").glob("*.jsonl"))
    return sum(len(path.read_bytes().splitlines()) for path in segments)


def _line(step: "Step") -> str:
    from tieline.cli.output import painted

    word, colour = ("ok", "32") if step.ok else ("NO", "1;31")
    mark = painted(word, colour, stream=sys.stdout)
    return "\n".join([f"  {mark}  {step.what}", *(f"      {c}" for c in step.came.splitlines())])


def _say(options: Options, text: str) -> None:
    from tieline.cli.output import print_line

    if options.output.mode == "text":
        print_line(text)
