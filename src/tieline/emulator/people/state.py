"""Users and external contacts."""

from typing import Any

from tieline.emulator.tables import Table
from tieline.types import JsonObject


class PeopleState:
    """Both tables."""

    def __init__(self, document: JsonObject) -> None:
        self.users = Table(document.get("users", ()))
        self.external_contacts = Table(document.get("external_contacts", ()))

    def dump(self) -> dict[str, Any]:
        """The fixture form."""
        return {
            "users": self.users.dump(),
            "external_contacts": self.external_contacts.dump(),
        }
