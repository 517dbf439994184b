"""Which actions have a function."""

from tieline.emulator.call import Call
from tieline.emulator.functions.errors import no_function
from tieline.emulator.integrations.state import FUNCTION_TYPE
from tieline.emulator.tables import Document


def with_function(call: Call, action: Document) -> Document:
    """The action or draft itself.

    Raises:
        Refusal: 404 where it belongs to an integration of another type.
    """
    integration = call.world.integrations.integrations.find(action["integrationId"])
    if integration is None or integration["integrationType"]["id"] != FUNCTION_TYPE:
        raise no_function(action["id"])
    return action
