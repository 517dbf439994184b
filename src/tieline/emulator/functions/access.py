"""Which actions have a function."""

from tieline.emulator.call import Call
from tieline.emulator.functions.errors import no_function
from tieline.emulator.tables import Document


def with_function(call: Call, action: Document) -> Document:
    """The action or draft itself.

    Raises:
        Refusal: 404 where it belongs to an integration of another type.
    """
    if not call.world.integrations.has_functions(action["integrationId"]):
        raise no_function(action["id"])
    return action
