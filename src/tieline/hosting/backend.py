"""The gateway's backend: a client of the organisation."""

from tieline.client import AsyncClient
from tieline.contracts.interaction import InteractionPayload
from tieline.contracts.validation import Schema
from tieline.hosting.gateway import Contract
from tieline.invocations.outcome import Outcome
from tieline.types import JsonObject


class ClientBackend:
    """Reads contracts from the organisation and invokes there."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def contract(self, action_id: str) -> Contract:
        """Read the registered contract; where the dialect registers none, guide 3's model.

        Raises:
            NotFound: there is no such action.
        """
        found = await self._client.actions.show(action_id)
        if found.input_schema is None:
            return Contract(found.version, InteractionPayload, None)
        return Contract(found.version, None, Schema(found.input_schema))

    async def invoke(self, action_id: str, payload: JsonObject) -> Outcome:
        """Invoke once; the outcome says what became of it.

        Raises:
            Error: it was refused, or certainly not carried out.
        """
        return await self._client.actions.invoke(action_id, payload)
