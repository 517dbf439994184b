"""Generated from `src/tieline/services/actions.py` by `make generate`: do not edit."""

from collections.abc import Iterator
from functools import partial

from tieline.actions.definition import Action
from tieline.blocking.action_deployment import ActionDeployment
from tieline.blocking.execution import Execution
from tieline.blocking.portal import Portal
from tieline.dialects.entries import ActionEntry, PastInvocation
from tieline.dialects.port import Definition
from tieline.invocations.outcome import Outcome
from tieline.services.action_deployment import (
    DEFAULT_INTEGRATION,
)
from tieline.services.actions import AsyncActions
from tieline.services.payload import Payload
from tieline.services.performer import Watch
from tieline.types import JsonObject


class Actions:
    """`client.actions`."""

    __slots__ = ("_async", "_portal")

    def __init__(self, wrapped: AsyncActions, portal: Portal) -> None:
        self._async = wrapped
        self._portal = portal

    def __repr__(self) -> str:
        return repr(self._async).removeprefix("Async")

    def list(self, *, name: str | None = None) -> Iterator[ActionEntry]:
        """Walk the actions there are; pages are fetched as they are needed.

        `name` narrows the list on the far side, which may also find names that contain it.
        """
        return self._portal.iterate(self._async.list(name=name))

    def show(self, action_id: str) -> Definition:
        """Read an action with its contract, by id or (platform) by exact name.

        Raises:
            NotFound: there is no such action.
        """
        return self._portal.call(partial(self._async.show, action_id))

    def schema(self, action_id: str, file_name: str = "input.json") -> JsonObject:
        """Read one schema of the published contract: `input.json`, `success.json`, `error.json`.

        Raises:
            Unsupported: this dialect keeps schemas in the definition; see `show`.
        """
        return self._portal.call(partial(self._async.schema, action_id, file_name))

    def invoke(
        self,
        action_id: str,
        input: Payload | None = None,
        *,
        timeout: float | None = None,
        watch: Watch | None = None,
    ) -> Outcome:
        """Invoke an action, by id or (platform) by exact name, and wait for its end.

        Results are never taken from a cache: an action may write.

        Raises:
            InvalidInput: an undefined key or a wrong type; nothing was sent.
            Error: it was refused, or certainly not carried out.
        """
        return self._portal.call(
            partial(self._async.invoke, action_id, input, timeout=timeout, watch=watch)
        )

    def execution(self, action_id: str, invocation_id: str) -> Execution:
        """Pick an invocation up again by its id (guide dialect), without a call."""
        return Execution(self._async.execution(action_id, invocation_id), self._portal)

    def history(self, action_id: str) -> Iterator[PastInvocation]:
        """Walk past invocations.

        The guides' API keeps them. The platform keeps none: there they come from Tieline's own
        audit log, newest first, with `source` saying so, and hold what was invoked from here.
        """
        return self._portal.iterate(self._async.history(action_id))

    def deployment(
        self,
        action: Action,
        *,
        url: str | None = None,
        integration: str = DEFAULT_INTEGRATION,
        credential: str | None = None,
    ) -> ActionDeployment:
        """Make the deployment of an action that is written here; nothing is sent yet.

        Args:
            action: what `@tieline.actions.action` made.
            url: where the platform reaches the service that hosts it (platform dialect).
            integration: the web-services integration it belongs to, made if there is none.
            credential: id of the credential that integration is to use; its field `apiKey` is what
                the service is called with.

        Raises:
            InvalidInput: this dialect does not take the contract or the time-out.
        """
        return ActionDeployment(
            self._async.deployment(action, url=url, integration=integration, credential=credential),
            self._portal,
        )
