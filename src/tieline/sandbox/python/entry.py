"""Find the handler in a file, and call it as it wants to be called."""

import asyncio
import importlib.util
import inspect
import os
import sys
import uuid
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

_USUAL_NAMES = ("handler", "lambda_handler", "main")
_EVENT_AND_CONTEXT = 2
_STAR_ARGS = inspect.Parameter.VAR_POSITIONAL
_STAR_KEYWORDS = inspect.Parameter.VAR_KEYWORD

Parameters = Mapping[str, inspect.Parameter]


class Context:
    """What a handler gets as its second argument, named as the platform's runtimes name it."""

    def __init__(self, facts: Mapping[str, Any], *, deadline: float) -> None:
        """`facts` comes from the host; `deadline` is monotonic seconds."""
        self.client_context: dict[str, str] = dict(facts["client_context"])
        self.function_name: str = facts["function_name"]
        self.memory_limit_in_mb: int = facts["memory_mb"]
        self.aws_request_id = str(uuid.uuid4())
        self._deadline = deadline

    @property
    def clientContext(self) -> dict[str, str]:  # noqa: N802  # the platform's own spelling
        """The entries under the name Node's handlers use."""
        return self.client_context

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the wall-clock limit."""
        return max(0, int((self._deadline - monotonic()) * 1000))


def load(file: str, name: str, *, search: list[str]) -> Callable[..., Any]:
    """Execute the file as a module and pick the handler.

    Args:
        file: absolute path.
        name: the handler's name; empty takes a usual name, or the only public function.
        search: folders for imports, put before the standard library's.

    Raises:
        AttributeError: there is no such function, or no way to tell which.
    """
    sys.path[:0] = [folder for folder in search if folder not in sys.path]
    module_name = os.path.basename(file).partition(".")[0]
    spec = importlib.util.spec_from_file_location(module_name, file)
    if spec is None or spec.loader is None:
        raise AttributeError(f"{os.path.basename(file)} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    spec.loader.exec_module(module)
    return _pick(vars(module), name, module_name)


def call(handler: Callable[..., Any], event: Any, context: Context) -> Any:
    """Call with event and context, or with the event's keys as arguments; await what it gives.

    A handler takes an event when its first parameter is named `event`, its second `context`, when
    it takes any number, or when it has two and the event does not name them.

    Raises:
        TypeError: the event lacks an input, or has one the handler does not know.
    """
    parameters = inspect.signature(handler).parameters
    if list(parameters) == ["event"]:
        answer = handler(event)
    elif _takes_event(parameters, event):
        answer = handler(event, context)
    else:
        answer = handler(**_inputs(parameters, event))
    return asyncio.run(_awaited(answer)) if inspect.isawaitable(answer) else answer


def _pick(names: Mapping[str, Any], name: str, module: str) -> Callable[..., Any]:
    wanted = (name,) if name else _USUAL_NAMES
    for candidate in wanted:
        if callable(names.get(candidate)):
            found: Callable[..., Any] = names[candidate]
            return found
    if name:
        raise AttributeError(f"{module} has no function named {name}")
    public = [
        value
        for key, value in names.items()
        if inspect.isfunction(value) and value.__module__ == module and not key.startswith("_")
    ]
    if len(public) != 1:
        raise AttributeError(f"{module} has no function named handler; name one as FILE:NAME")
    return public[0]


def _takes_event(parameters: Parameters, event: Any) -> bool:
    names = list(parameters)
    if names[:1] == ["event"] or names[1:2] == ["context"]:
        return True
    if any(parameter.kind is _STAR_ARGS for parameter in parameters.values()):
        return True
    given = event if isinstance(event, dict) else {}
    return len(names) == _EVENT_AND_CONTEXT and not any(name in given for name in names)


def _inputs(parameters: Parameters, event: Any) -> dict[str, Any]:
    if not isinstance(event, dict):
        raise TypeError("the input must be an object: the handler takes its keys as arguments")
    named = {n: p for n, p in parameters.items() if p.kind is not _STAR_KEYWORDS}
    wrong = [
        f"{name} is missing"
        for name, parameter in named.items()
        if parameter.default is inspect.Parameter.empty and name not in event
    ]
    if len(named) == len(parameters):
        wrong += [f"{name} is unknown" for name in event if name not in named]
    if wrong:
        raise TypeError(f"{', '.join(wrong)}; the handler's inputs are {', '.join(named)}")
    return event


async def _awaited(answer: Any) -> Any:
    return await answer
