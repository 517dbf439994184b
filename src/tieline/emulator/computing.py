"""What comes of an input: the fixture's script, a built-in function, or a user's HTTP handler.

A script's matching case goes first, so that a test can say what one input does; then the handler
registered under the thing's name, then the built-in, then the script's own output.
"""

import asyncio
from typing import Any, Literal, NamedTuple

import orjson

from tieline.emulator.builtin_functions import BUILTINS, BuiltinFailed
from tieline.emulator.remote import RemoteFailed, request_json
from tieline.emulator.script import Played, play
from tieline.emulator.tables import private
from tieline.types import Json, JsonObject

End = Literal["completed", "failed", "timed_out"]
_ENDS: frozenset[str] = frozenset({"completed", "failed", "timed_out"})

DEFAULT_TIMEOUT_SECONDS = 30.0


class Computed(NamedTuple):
    """How it ended; `output` counts when completed, `error` else. `seconds` override durations."""

    end: End
    output: Json
    error: str | None
    seconds: JsonObject


def compute(thing: JsonObject, given: JsonObject) -> Computed:
    """Compute with what the fixture holds; no input or output leaves the process."""
    script = private(thing)
    played = play(script, given)
    builtin = BUILTINS.get(script.get("builtin", ""))
    if builtin is None or played.chosen:
        return _as_played(played)
    try:
        return Computed("completed", builtin(given), None, played.seconds)
    except BuiltinFailed as exc:
        return Computed("failed", None, str(exc), played.seconds)


async def compute_or_ask(
    thing: JsonObject,
    given: JsonObject,
    handler: str | None,
    *,
    timeout: float = DEFAULT_TIMEOUT_SECONDS,  # noqa: ASYNC109  # passed on to the outside call
) -> Computed:
    """As `compute`; without a matching case the user's handler is asked, by POST with JSON."""
    played = play(private(thing), given)
    if handler is None or played.chosen:
        return compute(thing, given)
    try:
        answer = await request_json("POST", handler, body=orjson.dumps(given), timeout=timeout)
    except RemoteFailed as exc:
        return Computed("failed", None, str(exc), {})
    except TimeoutError:
        text = f"the handler did not answer within {timeout:g} s"
        return Computed("timed_out", None, text, {})
    try:
        return Computed("completed", orjson.loads(answer), None, {})
    except orjson.JSONDecodeError:
        return Computed("failed", None, "the handler answered no JSON", {})


class Background:
    """Computations that go on after their start was answered."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Any) -> None:
        """Run a coroutine on the loop that serves the request."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _as_played(played: Played) -> Computed:
    end = (played.ends or "completed").lower()
    if end not in _ENDS:
        return Computed("failed", None, f"the fixture says it ends {end!r}", played.seconds)
    error = played.error if played.error is not None else f"it ended {end}"
    completed = end == "completed"
    return Computed(
        end,  # type: ignore[arg-type]  # a member of _ENDS, which the checker cannot follow
        played.output if completed else None,
        None if completed else error,
        played.seconds,
    )
