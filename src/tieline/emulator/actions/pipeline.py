"""An action's execution, step by step; it stops at the first step that fails.

The seven steps and their names are those of the platform's test results. What the fixture's script
answers is the action's output as it stands; what a handler, a function or the configured service
answers goes through translation map and success template.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from tieline.emulator.actions import errors
from tieline.emulator.actions.views import request_of, response_of
from tieline.emulator.builtin_functions import BUILTINS
from tieline.emulator.compiled import violations
from tieline.emulator.computing import Computed, compute, compute_or_ask
from tieline.emulator.functions.state import FunctionZip
from tieline.emulator.remote import RemoteFailed, request_json
from tieline.emulator.script import play
from tieline.emulator.tables import Document, private
from tieline.emulator.wire_errors import Refusal
from tieline.emulator.world import World
from tieline.errors import InvalidInput
from tieline.types import Json, JsonObject


@dataclass(frozen=True, slots=True)
class Step:
    """One step that was done: its name, and its result or what refused."""

    name: str
    result: Json = None
    refusal: Refusal | None = None


@dataclass(slots=True)
class Execution:
    """An execution under way, and then its steps and final result."""

    world: World
    action: Document
    given: Any
    correlation_id: str
    steps: list[Step] = field(default_factory=list)
    url: str = ""
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    raw: Json = None
    scripted: bool = False
    final: Json = None

    @property
    def refusal(self) -> Refusal | None:
        """Why the last step failed; None when all were done."""
        return self.steps[-1].refusal if self.steps else None

    @property
    def is_function(self) -> bool:
        """Whether the action belongs to a function integration."""
        return self.world.integrations.has_functions(self.action["integrationId"])

    @property
    def timeout_s(self) -> float:
        """How long the service may take."""
        return float(self.action["config"].get("timeoutSeconds") or 60)

    @property
    def allowed_s(self) -> float:
        """How long the call may take: a function has a limit of its own."""
        own = (self.action.get("function") or {}).get("timeoutSeconds")
        return float(own) if self.is_function and own else self.timeout_s


async def execute(world: World, action: Document, given: Any, correlation_id: str) -> Execution:
    """Carry an action out; look at `refusal` before `final`."""
    execution = Execution(world, action, given, correlation_id)
    for name, perform in _STEPS:
        try:
            result = await perform(execution)
        except Refusal as refusal:
            execution.steps.append(Step(name, refusal=refusal))
            return execution
        except InvalidInput as exc:  # a template or a path that cannot be read or rendered
            execution.steps.append(Step(name, refusal=errors.processing(exc.message)))
            return execution
        execution.steps.append(Step(name, result))
    return execution


async def _validate_input(execution: Execution) -> Json:
    found = violations(execution.action["inputSchema"], execution.given)
    if found:
        raise errors.processing(violations=found)
    return execution.given


async def _resolve_url(execution: Execution) -> Json:
    template = request_of(execution.action["config"])["requestUrlTemplate"]
    execution.url = _rendered(execution, template)
    return execution.url


async def _resolve_request(execution: Execution) -> Json:
    template = request_of(execution.action["config"])["requestTemplate"]
    execution.body = _rendered(execution, template)
    return execution.body


async def _resolve_headers(execution: Execution) -> Json:
    headers: Mapping[str, str] = request_of(execution.action["config"])["headers"] or {}
    execution.headers = {k: _rendered(execution, str(v)) for k, v in headers.items()}
    return dict(execution.headers)


async def _call(execution: Execution) -> Json:
    action, given = execution.action, execution.given
    script = private(action)
    handler = execution.world.handlers.get(action["name"])
    code = execution.world.functions.code_of(action) if execution.is_function else None
    told = handler is None and code is None and "output" in script
    if play(script, given).chosen or told:
        execution.scripted = True
        computed = compute(action, given)
    elif handler is not None:
        computed = await compute_or_ask(action, given, handler, timeout=execution.timeout_s)
    elif code is not None:
        computed = await _uploaded_function(execution, code)
    elif script.get("builtin") in BUILTINS:
        computed = compute(action, given)
    else:
        execution.raw = await _configured_service(execution)
        return execution.raw
    if computed.end == "timed_out":
        raise errors.over_time(execution.allowed_s, is_function=execution.is_function)
    if computed.end == "failed":
        raise errors.remote_failed(
            computed.error or "it failed", status=500, is_function=execution.is_function
        )
    execution.raw = computed.output
    return execution.raw


async def _uploaded_function(execution: Execution, code: FunctionZip) -> Computed:
    # Loaded with the first run: it knows the reader of zips, which most emulators never need.
    from tieline.emulator.uploaded_code import run_function  # noqa: PLC0415

    try:
        event = orjson.loads(execution.body)
    except orjson.JSONDecodeError:
        raise errors.processing("The request template does not render to JSON.") from None
    return await run_function(
        execution.world,
        execution.action,
        code,
        event,
        headers=execution.headers,
        correlation_id=execution.correlation_id,
    )


async def _configured_service(execution: Execution) -> Json:
    url = execution.url
    if execution.is_function:
        raise errors.remote_failed(
            "the emulator has no function of this name to run", status=None, is_function=True
        )
    if not url.startswith(("http://", "https://")):
        raise errors.processing("The request URL is not an absolute http(s) URL.")
    method = request_of(execution.action["config"])["requestType"]
    body = None if method == "GET" else execution.body.encode()
    # The service's log and the platform's answer carry one id: that is how a call is followed.
    headers = {**execution.headers, "ININ-Correlation-Id": execution.correlation_id}
    try:
        answer = await request_json(
            method, url, body=body, headers=headers, timeout=execution.timeout_s
        )
        return orjson.loads(answer)
    except RemoteFailed as exc:
        raise errors.remote_failed(str(exc), status=exc.status, is_function=False) from None
    except TimeoutError:
        raise errors.over_time(execution.timeout_s, is_function=False) from None
    except orjson.JSONDecodeError:
        text = "the response is not JSON"
        raise errors.remote_failed(text, status=None, is_function=False) from None


async def _transform(execution: Execution) -> Json:
    if execution.scripted:
        execution.final = execution.raw
        return execution.final
    from tieline.contracts.translation import Translation  # noqa: PLC0415  # see _rendered

    response = response_of(execution.action["config"])
    translation = Translation(
        paths=response["translationMap"] or {},
        defaults=response["translationMapDefaults"] or {},
        template=response["successTemplate"],
    )
    execution.final = translation.apply(orjson.dumps(execution.raw).decode())
    return execution.final


async def _validate_output(execution: Execution) -> Json:
    found = violations(execution.action["successSchema"], execution.final)
    if found:
        raise errors.processing("The result does not match the success schema.", found)
    return execution.final


def _rendered(execution: Execution, template: str) -> str:
    if "$" not in template and "#" not in template:
        return template
    # The start of the emulator must not wait for template and path readers.
    from tieline.contracts.velocity import Template  # noqa: PLC0415

    given: JsonObject = execution.given
    integrations = execution.world.integrations
    integration = integrations.integrations.find(execution.action["integrationId"])
    raw_request = orjson.dumps(given).decode()
    return Template(template).render(
        {
            "input": {**given, "rawRequest": raw_request},
            "credentials": integrations.fields_for(integration) if integration else {},
        }
    )


_STEPS: tuple[tuple[str, Callable[[Execution], Awaitable[Json]]], ...] = (
    ("Validate input against schema", _validate_input),
    ("Resolve URL template", _resolve_url),
    ("Resolve request template", _resolve_request),
    ("Resolve headers", _resolve_headers),
    ("Execute", _call),
    ("Apply output transformation", _transform),
    ("Validate output against schema", _validate_output),
)
