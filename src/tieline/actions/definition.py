"""What `@action` makes of a function: a frozen definition with derived contracts."""

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, get_type_hints

from pydantic import BaseModel

from tieline.contracts.derive import schema_of
from tieline.contracts.flatten import Flattened, flatten
from tieline.errors import InvalidInput
from tieline.types import DialectName

PREFIX = "custom_"
NAME = re.compile(r"custom_[a-z0-9][a-z0-9_-]*\Z")
LONGEST_NAME = 256
# https://semver.org, without build metadata: a registered version is compared as text.
SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?\Z")
# The guides' service stops an action after 30 s, the platform after 60 s.
LONGEST_SECONDS: Mapping[DialectName, float] = {"guide": 30.0, "platform": 60.0}

Handler = Callable[..., Any]


@dataclass(frozen=True)
class Action:
    """A data action: everything that is registered, hosted, validated and exported comes from it.

    `retry_on` names the operations of the outside service that may be repeated although an earlier
    try may have been carried out; all others are repeated only when they certainly were not.
    """

    name: str
    version: str
    handler: Handler
    input_model: type[BaseModel]
    output_model: type[BaseModel]
    description: str
    timeout_s: float
    retry_on: frozenset[str]
    compliance_level: str
    flatten: bool
    takes_context: bool = field(repr=False)
    asynchronous: bool = field(repr=False)

    @cached_property
    def input_schema(self) -> dict[str, Any]:
        """What the handler accepts, as JSON Schema."""
        return schema_of(self.input_model, direction="input")

    @cached_property
    def output_schema(self) -> dict[str, Any]:
        """What the handler answers, as JSON Schema."""
        return schema_of(self.output_model, direction="output")

    @cached_property
    def registered_input(self) -> Flattened:
        """What the platform is told of the input: flat where the action allows flattening."""
        return flatten(self.input_schema) if self.flatten else Flattened(self.input_schema, ())

    def __call__(self, *args: Any, **kwargs: Any) -> Awaitable[BaseModel] | BaseModel:
        """Call the handler itself, as a unit test of it would."""
        answer: Awaitable[BaseModel] | BaseModel = self.handler(*args, **kwargs)
        return answer

    def check_timeout(self, dialect: DialectName) -> None:
        """Refuse a time-out the dialect's service does not allow.

        Raises:
            InvalidInput: with the longest time-out allowed.
        """
        longest = LONGEST_SECONDS[dialect]
        if self.timeout_s > longest:
            raise InvalidInput(
                f"{self.name}: a time-out of {self.timeout_s:g} s; "
                f"the {dialect} dialect allows {longest:g} s",
                hint=f"declare `timeout={longest:g}` or less",
                details=[{"loc": ["timeout"], "type": "too_long"}],
            )


def action(
    *,
    name: str,
    version: str,
    description: str | None = None,
    timeout: float = 30.0,
    retry_on: tuple[str, ...] = (),
    compliance_level: str = "SOC2_TYPE2",
    flatten: bool = False,
) -> Callable[[Handler], Action]:
    """Make a data action of `handler(request)` or `handler(request, context)`, sync or async.

    Args:
        name: what it is registered as; it starts with `custom_`.
        version: semantic version; a changed contract needs another one.
        description: the handler's docstring where it is not given.
        timeout: seconds the platform waits; 1 to 60, in the guides' dialect at most 30.
        retry_on: operations of the outside service that may be repeated, see `Action`.
        compliance_level: written into each audit record.
        flatten: register nested inputs as flat properties and map them back.

    Raises:
        InvalidInput: a name, version, time-out or signature that cannot be registered.
    """
    _check_declaration(name, version, timeout)

    def declare(handler: Handler) -> Action:
        input_model, output_model, takes_context = _signature(name, handler)
        return Action(
            name=name,
            version=version,
            handler=handler,
            input_model=input_model,
            output_model=output_model,
            description=description or inspect.getdoc(handler) or name,
            timeout_s=timeout,
            retry_on=frozenset(retry_on),
            compliance_level=compliance_level,
            flatten=flatten,
            takes_context=takes_context,
            asynchronous=inspect.iscoroutinefunction(handler),
        )

    return declare


def _check_declaration(name: str, version: str, timeout: float) -> None:
    if not NAME.match(name) or len(name) > LONGEST_NAME:
        raise InvalidInput(
            f"action name {name!r}: `{PREFIX}` first, then lower-case letters, digits, _ or -",
            hint=f"for instance {PREFIX}{re.sub(r'[^a-z0-9]+', '_', name.lower()).strip('_')}",
            details=[{"loc": ["name"], "type": "name"}],
        )
    if not SEMVER.match(version):
        raise InvalidInput(
            f"{name}: version {version!r} is no semantic version",
            hint="write it as 1.0.0",
            details=[{"loc": ["version"], "type": "version"}],
        )
    if not 1 <= timeout <= LONGEST_SECONDS["platform"]:
        raise InvalidInput(
            f"{name}: a time-out of {timeout:g} s; the platform allows 1 to 60 s",
            details=[{"loc": ["timeout"], "type": "out_of_range"}],
        )


def _signature(name: str, handler: Handler) -> tuple[type[BaseModel], type[BaseModel], bool]:
    parameters = list(inspect.signature(handler).parameters)
    hints = get_type_hints(handler)
    if len(parameters) not in {1, 2}:
        raise InvalidInput(
            f"{name}: the handler takes {len(parameters)} parameters, not 1 or 2",
            hint="write `async def handler(request: MyRequest, context: Context) -> MyReply`",
        )
    request = _model(name, "request", hints.get(parameters[0]))
    reply = _model(name, "return", hints.get("return"))
    return request, reply, parameters[1:] != []


def _model(name: str, what: str, hint: Any) -> type[BaseModel]:
    if inspect.isclass(hint) and issubclass(hint, BaseModel):
        return hint
    raise InvalidInput(
        f"{name}: the handler's {what} is not annotated with a pydantic model",
        hint="the contract is derived from these two models",
    )
