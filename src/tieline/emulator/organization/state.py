"""The organisation and its limits by namespace."""

from copy import deepcopy
from typing import Any

from tieline.types import JsonObject


class OrganizationState:
    """Facts about the one organisation of the emulator."""

    def __init__(self, document: JsonObject) -> None:
        self.facts: dict[str, Any] = deepcopy(dict(document.get("organization", {})))
        self.limits: dict[str, dict[str, int]] = deepcopy(dict(document.get("limits", {})))

    def reference(self) -> dict[str, str]:
        """Id and name, as other things refer to it."""
        return {"id": self.facts.get("id", ""), "name": self.facts.get("name", "")}

    def home_division(self) -> dict[str, str]:
        """The division in which things are created."""
        found: dict[str, str] = self.facts.get("homeDivision", {})
        return found

    def dump(self) -> dict[str, Any]:
        """The fixture form."""
        return deepcopy({"organization": self.facts, "limits": self.limits})
