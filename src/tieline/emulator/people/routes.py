"""Reading a user or an external contact."""

from tieline.emulator.call import Answer, Call
from tieline.emulator.routes import Route
from tieline.emulator.tables import on_wire


def user(call: Call) -> Answer:
    """Tell about a user."""
    found = call.world.people.users.get(call.path[0])
    return Answer(200, {**on_wire(found), "selfUri": f"/api/v2/users/{found['id']}"})


def contact(call: Call) -> Answer:
    """Tell about an external contact."""
    found = call.world.people.external_contacts.get(call.path[0])
    uri = f"/api/v2/externalcontacts/contacts/{found['id']}"
    return Answer(200, {**on_wire(found), "selfUri": uri})


ROUTES = (
    Route("GET", "/api/v2/users/{userId}", "users.get", user, surface="shared",
          permissions=("directory:user:view",), scopes=("user:read",)),
    Route("GET", "/api/v2/externalcontacts/contacts/{contactId}", "externalcontacts.get", contact,
          surface="shared", permissions=("externalContacts:contact:view",),
          scopes=("contact:read",)),
)  # fmt: skip
