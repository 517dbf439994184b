"""Generated from `src/tieline/services/functions.py` by `make generate`: do not edit."""

from functools import partial
from pathlib import Path

from tieline.blocking.execution import Execution
from tieline.blocking.function_deployment import FunctionDeployment
from tieline.blocking.portal import Portal
from tieline.dialects.port import Definition
from tieline.invocations.outcome import Outcome
from tieline.invocations.terms import DEFAULT_FUNCTION_SECONDS
from tieline.services.functions import AsyncFunctions
from tieline.services.payload import Payload
from tieline.services.performer import Watch


class Functions:
    """`client.functions`."""

    __slots__ = ("_async", "_portal")

    def __init__(self, wrapped: AsyncFunctions, portal: Portal) -> None:
        self._async = wrapped
        self._portal = portal

    def __repr__(self) -> str:
        return repr(self._async).removeprefix("Async")

    def show(self, function_id: str) -> Definition:
        """Read a function's definition, by id or (platform) by exact name.

        Raises:
            NotFound: there is no such function.
        """
        return self._portal.call(partial(self._async.show, function_id))

    def invoke(
        self,
        function_id: str,
        input: Payload | None = None,
        *,
        timeout: float | None = None,
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
        return self._portal.call(
            partial(
                self._async.invoke,
                function_id,
                input,
                timeout=timeout,
                cache=cache,
                time_limit=time_limit,
                watch=watch,
            )
        )

    def deployment(self, path: Path | str, *, integration: str | None = None) -> FunctionDeployment:
        """Read and package a function that is written here; nothing is sent yet.

        Args:
            path: its folder with `function.yaml`, that file, or a zip beside it.
            integration: the function integration it belongs to, instead of the file's; made if
                there is none.

        Raises:
            InvalidInput: there is no definition, or what it names cannot be packaged.
            Unsupported: this dialect takes no code.
        """
        return FunctionDeployment(
            self._async.deployment(path, integration=integration), self._portal
        )

    def execution(self, function_id: str, execution_id: str) -> Execution:
        """Pick an execution up again by its id, without a call; it counts as running."""
        return Execution(self._async.execution(function_id, execution_id), self._portal)
