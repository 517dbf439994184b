"""The whole state: one attribute an area, read from a fixture and dumped as one."""

from typing import Any

from tieline.emulator.actions.state import ActionsState
from tieline.emulator.analytics.state import AnalyticsState
from tieline.emulator.business_rules.state import BusinessRulesState
from tieline.emulator.clock import EmulatorClock
from tieline.emulator.computing import Background
from tieline.emulator.customcode.state import CustomCodeState
from tieline.emulator.dataactions.state import InvocationsState
from tieline.emulator.flows.state import FlowsState
from tieline.emulator.functions.state import FunctionsState
from tieline.emulator.integrations.state import IntegrationsState
from tieline.emulator.oauth.state import OAuthState
from tieline.emulator.organization.state import OrganizationState
from tieline.emulator.people.state import PeopleState
from tieline.emulator.platform_actions.state import RegisteredActionsState
from tieline.emulator.queues.state import QueuesState
from tieline.emulator.routing_rules.state import RoutingRulesState
from tieline.emulator.running_code import CodeRunner
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
        self.custom_code = CustomCodeState(document)
        self.integrations = IntegrationsState(document)
        self.actions = ActionsState(document)
        self.functions = FunctionsState(document)
        self.registered_actions = RegisteredActionsState(document)
        self.invocations = InvocationsState(document)
        self.queues = QueuesState(document)
        self.routing_rules = RoutingRulesState(document)
        self.business_rules = BusinessRulesState(document)
        self.analytics = AnalyticsState(document)
        self.handlers: dict[str, str] = dict(document.get("handlers", {}))
        self.background = Background()
        self.code = CodeRunner()

    def dump(self) -> dict[str, Any]:
        """The state as a fixture that stands for itself; reading it gives the same world."""
        document: dict[str, Any] = {"extends": None, "settings": self.settings.dump()}
        for area in (
            self.organization, self.oauth, self.people, self.flows, self.custom_code,
            self.integrations, self.actions, self.functions, self.registered_actions,
            self.invocations, self.queues, self.routing_rules, self.business_rules,
            self.analytics,
        ):  # fmt: skip
            document.update(area.dump())
        document["handlers"] = dict(self.handlers)
        return document
