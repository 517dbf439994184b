"""The whole state: one attribute an area, read from a fixture and dumped as one."""

from typing import Any

from tieline.emulator.clock import EmulatorClock
from tieline.emulator.flows.state import FlowsState
from tieline.emulator.oauth.state import OAuthState
from tieline.emulator.organization.state import OrganizationState
from tieline.emulator.people.state import PeopleState
from tieline.emulator.settings import Settings
from tieline.types import JsonObject


class World:
    """What exists at the moment."""

    def __init__(self, document: JsonObject, clock: EmulatorClock) -> None:
        """Read a whole state document; see `fixture.whole` for how a fixture becomes one."""
        self.clock = clock
        self.settings = Settings.read(document.get("settings", {}))
        self.organization = OrganizationState(document)
        self.oauth = OAuthState(document)
        self.people = PeopleState(document)
        self.flows = FlowsState(document)

    def dump(self) -> dict[str, Any]:
        """The state as a fixture that stands for itself; reading it gives the same world."""
        areas = (self.organization, self.oauth, self.people, self.flows)
        document: dict[str, Any] = {"extends": None, "settings": self.settings.dump()}
        for area in areas:
            document.update(area.dump())
        return document
