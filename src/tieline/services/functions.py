"""Functions: the guides' custom code, the platform's function-backed actions."""

from dataclasses import replace
from pathlib import Path

from tieline.dialects.port import Definition, Order
from tieline.invocations.outcome import Outcome, Target
from tieline.invocations.pipeline import invoke
from tieline.invocations.terms import DEFAULT_FUNCTION_SECONDS
from tieline.services.execution import AsyncExecution
from tieline.services.function_deployment import AsyncFunctionDeployment
from tieline.services.looking_up import described, resolved
from tieline.services.payload import Payload, declared_in, to_object
from tieline.services.performer import Performer, Watch, terms
from tieline.services.session import Session
from tieline.store.function_folder import load_function


class AsyncFunctions:
    """`client.functions`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._wire = session.dialect.functions

    async def show(self, function_id: str) -> Definition:
        """Read a function's definition, by id or (platform) by exact name.

        Raises:
            NotFound: there is no such function.
        """
        wire = self._wire
        function_id = await resolved(self._session, wire, function_id)
        return await described(self._session, wire.describe(function_id))

    async def invoke(
        self,
        function_id: str,
        input: Payload | None = None,  # noqa: A002  # the name its callers know
        *,
        timeout: float | None = None,  # noqa: ASYNC109  # ends in an outcome, not in an error
        cache: bool = True,
        time_limit: float = DEFAULT_FUNCTION_SECONDS,
        watch: Watch | None = None,
    ) -> Outcome:
        """Execute a function and wait for its end, at most `timeout` seconds.

        With `cache`, the result of an equal invocation that completed within the last five
        minutes is used, and equal invocations at the same time share one execution. `time_limit`
        is for how many seconds the function's sandbox must let it run (guide dialect).

        Raises:
            InvalidInput: an undefined key, a wrong type, an inactive function; nothing was sent.
            LimitExceeded: its sandbox allows less than `time_limit`; nothing was sent.
            Error: it was refused, or certainly not carried out.
        """
        order = Order(
            function_id, to_object(input), time_limit_s=time_limit, personal=declared_in(input)
        )
        steps = invoke(self._wire, order, terms(self._session, timeout, reuse=cache))
        return await Performer(self._session, self._wire, watch=watch).run(steps)

    def deployment(
        self, path: Path | str, *, integration: str | None = None
    ) -> AsyncFunctionDeployment:
        """Read and package a function that is written here; nothing is sent yet.

        Args:
            path: its folder with `function.yaml`, that file, or a zip beside it.
            integration: the function integration it belongs to, instead of the file's; made if
                there is none.

        Raises:
            InvalidInput: there is no definition, or what it names cannot be packaged.
            Unsupported: this dialect takes no code.
        """
        desired = load_function(Path(path))
        if integration is not None:
            definition = replace(desired.definition, integration=integration)
            desired = replace(desired, definition=definition)
        return AsyncFunctionDeployment(self._session, desired)

    def execution(self, function_id: str, execution_id: str) -> AsyncExecution:
        """Pick an execution up again by its id, without a call; it counts as running."""
        return AsyncExecution(
            id=execution_id,
            status="running",
            target=Target("function", function_id),
            _session=self._session,
            _wire=self._wire,
        )
