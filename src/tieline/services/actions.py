"""Data actions: listed, read, invoked, and looked back on."""

from collections.abc import AsyncIterator

from tieline.actions.definition import Action
from tieline.dialects.entries import ActionEntry, PastInvocation
from tieline.dialects.port import Definition, Order
from tieline.invocations.outcome import Outcome, Target
from tieline.invocations.pipeline import invoke
from tieline.services.action_deployment import (
    DEFAULT_INTEGRATION,
    AsyncActionDeployment,
    deployment_of,
)
from tieline.services.execution import AsyncExecution
from tieline.services.looking_up import described, listed, resolved
from tieline.services.payload import Payload, declared_in, to_object
from tieline.services.performer import Performer, Watch, terms
from tieline.services.recording.own_history import own_history
from tieline.services.session import Session
from tieline.types import JsonObject


class AsyncActions:
    """`client.actions`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._wire = session.dialect.actions

    def list(self, *, name: str | None = None) -> AsyncIterator[ActionEntry]:
        """Walk the actions there are; pages are fetched as they are needed.

        `name` narrows the list on the far side, which may also find names that contain it.
        """
        return listed(self._session, self._wire.catalogue(name=name))

    async def show(self, action_id: str) -> Definition:
        """Read an action with its contract, by id or (platform) by exact name.

        Raises:
            NotFound: there is no such action.
        """
        action_id = await resolved(self._session, self._wire, action_id)
        return await described(self._session, self._wire.show(action_id))

    async def schema(self, action_id: str, file_name: str = "input.json") -> JsonObject:
        """Read one schema of the published contract: `input.json`, `success.json`, `error.json`.

        Raises:
            Unsupported: this dialect keeps schemas in the definition; see `show`.
        """
        return await described(self._session, self._wire.schema(action_id, file_name))

    async def invoke(
        self,
        action_id: str,
        input: Payload | None = None,  # noqa: A002  # the name its callers know
        *,
        timeout: float | None = None,  # noqa: ASYNC109  # ends in an outcome, not in an error
        watch: Watch | None = None,
    ) -> Outcome:
        """Invoke an action, by id or (platform) by exact name, and wait for its end.

        Results are never taken from a cache: an action may write.

        Raises:
            InvalidInput: an undefined key or a wrong type; nothing was sent.
            Error: it was refused, or certainly not carried out.
        """
        order = Order(action_id, to_object(input), personal=declared_in(input))
        steps = invoke(self._wire, order, terms(self._session, timeout))
        return await Performer(self._session, self._wire, watch=watch).run(steps)

    def execution(self, action_id: str, invocation_id: str) -> AsyncExecution:
        """Pick an invocation up again by its id (guide dialect), without a call."""
        return AsyncExecution(
            id=invocation_id,
            status="running",
            target=Target("action", action_id),
            _session=self._session,
            _wire=self._wire,
        )

    async def history(self, action_id: str) -> AsyncIterator[PastInvocation]:
        """Walk past invocations.

        The guides' API keeps them. The platform keeps none: there they come from Tieline's own
        audit log, newest first, with `source` saying so, and hold what was invoked from here.
        """
        listing = self._wire.history(action_id)
        if listing is not None:
            past = listed(self._session, listing)
        else:
            action_id = await resolved(self._session, self._wire, action_id)
            folder = self._session.profile.state_dir / "audit"
            past = own_history(folder, Target("action", action_id))
        async for invocation in past:
            yield invocation

    def deployment(
        self,
        action: Action,
        *,
        url: str | None = None,
        integration: str = DEFAULT_INTEGRATION,
        credential: str | None = None,
    ) -> AsyncActionDeployment:
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
        return deployment_of(
            self._session, action, url=url, integration=integration, credential=credential
        )
