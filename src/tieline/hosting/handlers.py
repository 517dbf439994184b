"""`POST /actions/{name}`: one hosted action, carried out within its budget."""

import logging

import anyio
from starlette.requests import Request
from starlette.responses import Response

from tieline.actions.context import Context
from tieline.actions.definition import Action
from tieline.actions.running import Carried, Ended, budget_seconds, carry_out
from tieline.errors import NotFound
from tieline.hosting.surroundings import Surroundings
from tieline.invocations.outcome import Status

# A synchronous handler that hangs keeps its thread; this many may hang before new calls wait.
MOST_THREADS = 40
# Longer than the longest handler (60 s): running calls end by themselves before the process does.
DRAIN_SECONDS = 65.0
# The platform's header first: then the handler's log line carries the caller's own id.
TRACE_HEADERS = (b"inin-correlation-id", b"request-id", b"x-request-id")
LONGEST_TRACE_ID = 128
# Asked first whether anybody listens: making a line costs more than carrying out a small action.
_STANDARD_LOG = logging.getLogger("tieline.hosting")
COUNTED: dict[Ended, Status] = {
    "completed": "completed",
    "failed": "failed",
    "wrong_shape": "failed",
    "timed_out": "timed_out",
}


class HostedActions:
    """The actions of one service by name, and how many calls of them are running."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings
        self._actions = {action.name: action for action in surroundings.actions}
        self._threads: anyio.CapacityLimiter | None = None
        self._running = 0
        self._idle = anyio.Event()
        self.ready = True

    async def invoke(self, request: Request, body: bytes) -> Response:
        """Carry one call out.

        Raises:
            NotFound: no such action is hosted here.
        """
        action = self._actions.get(request.path_params["name"])
        if action is None:
            raise NotFound(
                f"no action {request.path_params['name']!r} is hosted here",
                status=404,
                hint=f"hosted: {', '.join(sorted(self._actions)) or 'none'}",
            )
        trace_id = self._trace_id(request)
        self._running += 1
        try:
            carried = await self._carry_out(action, body, trace_id)
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()
        return Response(
            carried.body,
            status_code=carried.status,
            media_type="application/json",
            headers={"ININ-Correlation-Id": trace_id},
        )

    async def drain(self) -> None:
        """Let running handlers end, at most for `DRAIN_SECONDS`."""
        self.ready = False
        with anyio.move_on_after(DRAIN_SECONDS):
            while self._running:
                self._idle = anyio.Event()
                await self._idle.wait()

    async def _carry_out(self, action: Action, body: bytes, trace_id: str) -> Carried:
        around = self._around
        if self._threads is None:
            self._threads = anyio.CapacityLimiter(MOST_THREADS)
        started = around.clock.monotonic()
        deadline = started + budget_seconds(action.timeout_s)
        outside = around.outside
        context = Context(
            action=action.name,
            version=action.version,
            trace_id=trace_id,
            deadline=deadline,
            clock=around.clock,
            base_log=around.log,
            secrets=around.secrets,
            service=None
            if outside is None
            else outside.during(action, trace_id=trace_id, deadline=deadline),
        )
        intent = await self._intend(action, body, trace_id)
        carried = await carry_out(action, body, context, threads=self._threads)
        seconds = around.clock.monotonic() - started
        if carried.ended != "invalid":
            around.metrics.invocation(
                "action", action.name, COUNTED[carried.ended], seconds=seconds
            )
        if around.records is not None:
            await around.records.outcome(
                action, carried, intent=intent, trace_id=trace_id, latency_ms=seconds * 1000
            )
        if _STANDARD_LOG.isEnabledFor(logging.INFO):
            context.log.info("action", ended=carried.ended, latency_ms=round(seconds * 1000, 3))
        return carried

    async def _intend(self, action: Action, body: bytes, trace_id: str) -> str | None:
        """Make durable that the handler is about to run; it does not run otherwise."""
        records = self._around.records
        return None if records is None else await records.intent(action, body, trace_id=trace_id)

    def _trace_id(self, request: Request) -> str:
        sent = dict(request.scope["headers"])
        for name in TRACE_HEADERS:
            if name in sent:
                return str(sent[name][:LONGEST_TRACE_ID], "latin-1")
        return self._around.new_id()
