"""Strict validation in front of any data action, and an exact account of what was passed on.

A request is validated, its intent is on disk, then it is passed on; the answer is on disk before
the caller sees it. The same idempotency key and body get the same answer, also after a restart.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import anyio
import anyio.abc
from pydantic import BaseModel, ValidationError

from tieline.clock import Clock
from tieline.contracts.repetitions import without_repetitions
from tieline.contracts.strict_json import parse_json
from tieline.contracts.validation import Schema
from tieline.contracts.violations import pydantic_violations
from tieline.errors import Error, InvalidInput, NotFound, OutcomeUnknown, StoreUnavailable
from tieline.hosting.answers import UnreadableBody, failure, success
from tieline.invocations.outcome import Outcome
from tieline.store.gateway import GatewayTable, Invocation
from tieline.types import JsonObject

# A contract changes when somebody publishes a version; a minute late is soon enough.
CONTRACT_SECONDS = 60.0
LONGEST_KEY = 255
# A row's number; 18 digits are within what the database counts with.
PAGE_TOKEN = re.compile(r"[0-9]{1,18}\Z")
CODES_OF_STATUS = {"failed": "GENESYS_API_FAILED", "terminated": "GENESYS_API_TERMINATED"}


@dataclass(frozen=True, slots=True)
class Contract:
    """What an action accepts: a model of ours, or the schema it was registered with."""

    version: str | None
    model: type[BaseModel] | None
    schema: Schema | None

    def read(self, payload: JsonObject, body: bytes) -> JsonObject:
        """Validate; returns what is passed on.

        Raises:
            InvalidInput: one detail a violation.
        """
        if self.schema is not None:
            payload = without_repetitions(payload, self.schema.document)
            self.schema.check(payload, what="payload")
        if self.model is None:
            return payload
        try:
            valid = self.model.model_validate_json(body, strict=True)
        except ValidationError as exc:
            found = pydantic_violations(exc)
            raise InvalidInput(
                f"the payload breaks {len(found)} rule(s): {found[0].message}",
                details=[violation.to_json() for violation in found],
            ) from exc
        return valid.model_dump(mode="json", by_alias=True, exclude_unset=True)


class Backend(Protocol):
    """Whoever carries the invocation out: the client, in practice."""

    async def contract(self, action_id: str) -> Contract:
        """Read the action's current contract; raises `NotFound` for an unknown action."""
        ...

    async def invoke(self, action_id: str, payload: JsonObject) -> Outcome:
        """Invoke once; errors are `tieline.errors`."""
        ...


class Callbacks(Protocol):
    """Where a `callback_url` is checked, and later told of the end."""

    async def check(self, url: str) -> None:
        """Raise `InvalidInput` for an address that must not be called."""
        ...

    async def announce(self, url: str, document: JsonObject) -> None:
        """Hand the document to the durable outbox."""
        ...


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a POST leads to: a finished document, or None while it is under way."""

    invocation: str
    document: dict[str, Any] | None


class Gateway:
    """One gateway; give it a task group that lives as long as the service."""

    def __init__(
        self,
        *,
        backend: Backend,
        table: GatewayTable,
        tasks: anyio.abc.TaskGroup,
        clock: Clock,
        new_id: Callable[[], str],
        callbacks: Callbacks | None = None,
        local: Mapping[str, type[BaseModel]] | None = None,
        log: Any,
    ) -> None:
        self._backend = backend
        self._table = table
        self._tasks = tasks
        self._clock = clock
        self._new_id = new_id
        self._callbacks = callbacks
        self._local = dict(local or {})
        self._log = log
        self._contracts: dict[str, tuple[float, Contract]] = {}
        self._ended: dict[str, anyio.Event] = {}

    async def accept(
        self, action_id: str, body: bytes, *, key: str | None, wait_s: float
    ) -> Accepted:
        """Validate and pass on; waits up to `wait_s` seconds for the end.

        Raises:
            InvalidInput: the body, the key or the callback address; nothing was passed on.
            Error: the contract could not be read, or the intent not be recorded.
        """
        if key is not None and not 0 < len(key) <= LONGEST_KEY:
            raise InvalidInput(f"Idempotency-Key: 1 to {LONGEST_KEY} characters")
        payload = _object(body)
        contract = await self._contract(action_id)
        valid = contract.read(payload, body)
        callback = await self._callback(valid)
        invocation = self._new_id()
        self._ended[invocation] = anyio.Event()  # before anybody can find the row and wait for it
        try:
            standing = await self._table.begin(
                invocation=invocation,
                action_id=action_id,
                key=key,
                body_hash=hashlib.sha256(body).hexdigest(),
                now=self._clock.wall(),
            )
        except BaseException:
            del self._ended[invocation]
            raise
        if standing is not None:
            del self._ended[invocation]
            return await self._standing(standing, wait_s)
        self._tasks.start_soon(self._carry_out, action_id, invocation, valid, callback)
        return await self._wait(action_id, invocation, wait_s)

    async def find(self, action_id: str, invocation: str) -> Invocation:
        """Look one invocation up.

        Raises:
            NotFound: this gateway has no such invocation of that action.
        """
        found = await self._table.find(action_id, invocation)
        if found is None:
            raise NotFound(f"no invocation {invocation} of {action_id} here", status=404)
        return found

    async def page(
        self, action_id: str, *, after: str | None, size: int
    ) -> tuple[list[Invocation], str | None]:
        """List invocations, newest first, with the token of the next page.

        Raises:
            InvalidInput: the token is none of ours.
        """
        if after is not None and not PAGE_TOKEN.match(after):
            raise InvalidInput("nextPage: not a token of this gateway")
        before = None if after is None else int(after)
        rows = await self._table.page(action_id, before=before, size=size + 1)
        more = str(rows[size - 1][0]) if len(rows) > size else None
        return [invocation for _, invocation in rows[:size]], more

    async def _contract(self, action_id: str) -> Contract:
        if action_id in self._local:
            return Contract(None, self._local[action_id], None)
        now = self._clock.monotonic()
        known = self._contracts.get(action_id)
        if known is None or now - known[0] >= CONTRACT_SECONDS:
            known = (now, await self._backend.contract(action_id))
            self._contracts[action_id] = known
        return known[1]

    async def _callback(self, payload: JsonObject) -> str | None:
        url = payload.get("callback_url")
        if not isinstance(url, str):
            return None
        if self._callbacks is not None:
            await self._callbacks.check(url)
        return url

    async def _carry_out(
        self, action_id: str, invocation: str, payload: JsonObject, callback: str | None
    ) -> None:
        try:
            outcome = await self._backend.invoke(action_id, payload)
            document = outcome_document(outcome, request_id=invocation)
        except Error as error:
            document = failure(error, request_id=invocation)
        try:
            await self._table.finish(invocation, document)
            if callback is not None and self._callbacks is not None:
                await self._callbacks.announce(callback, document)
        except StoreUnavailable as error:
            # It stays without an answer, and the next start calls it what it then is: unknown.
            self._log.exception(
                "the answer could not be kept", request_id=invocation, code=error.code
            )
        finally:
            self._ended.pop(invocation).set()

    async def _standing(self, standing: Invocation, wait_s: float) -> Accepted:
        if standing.document is not None:
            return Accepted(standing.id, standing.document)
        return await self._wait(standing.action_id, standing.id, wait_s)

    async def _wait(self, action_id: str, invocation: str, wait_s: float) -> Accepted:
        ended = self._ended.get(invocation)
        if ended is not None:
            with anyio.move_on_after(wait_s):
                await ended.wait()
        found = await self._table.find(action_id, invocation)
        return Accepted(invocation, None if found is None else found.document)


def outcome_document(outcome: Outcome, *, request_id: str) -> dict[str, Any]:
    """The gateway's answer for an outcome; an outcome that is no success is a structured error."""
    data = {
        "invocation_id": request_id,
        "execution_id": outcome.execution_id,
        "status": outcome.status,
        "result": outcome.result,
    }
    if outcome.status == "completed":
        return success(data, request_id=request_id)
    if outcome.status == "uncertain":
        lost = OutcomeUnknown("no answer came after the action was invoked",
                              hint="look the invocation up before sending it again",
                              correlation_id=outcome.correlation_id)  # fmt: skip
        return failure(lost, request_id=request_id)
    code = CODES_OF_STATUS.get(outcome.status, "DEADLINE_EXCEEDED")
    known = outcome.error if isinstance(outcome.error, dict) else {}
    return {
        "status": "error",
        "code": known.get("code", code),
        "message": known.get("message", f"the action ended {outcome.status}"),
        "details": known.get("details", []),
        "hint": known.get("hint", ""),
        "correlation_id": outcome.correlation_id,
        "request_id": request_id,
        "data": data,
    }


def _object(body: bytes) -> JsonObject:
    try:
        payload = parse_json(body, what="body")
    except InvalidInput as refused:
        raise UnreadableBody(
            refused.message, hint=refused.hint, details=refused.details
        ) from refused
    if not isinstance(payload, dict):
        raise InvalidInput(
            "the payload is not a JSON object",
            details=[{"loc": [], "type": "object", "message": "a JSON object is expected"}],
        )
    return payload
