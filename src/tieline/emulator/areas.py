"""All areas' routes. A new area is a folder with the same parts, and a line here and in `World`."""

from tieline.emulator.actions import routes as actions
from tieline.emulator.analytics import routes as analytics
from tieline.emulator.business_rules import routes as business_rules
from tieline.emulator.customcode import routes as customcode
from tieline.emulator.dataactions import routes as dataactions
from tieline.emulator.flows import routes as flows
from tieline.emulator.functions import routes as functions
from tieline.emulator.integrations import routes as integrations
from tieline.emulator.oauth import routes as oauth
from tieline.emulator.organization import routes as organization
from tieline.emulator.people import routes as people
from tieline.emulator.platform_actions import routes as platform_actions
from tieline.emulator.queues import routes as queues
from tieline.emulator.routing_rules import routes as routing_rules

ROUTES = (
    *oauth.ROUTES,
    *organization.ROUTES,
    *people.ROUTES,
    *customcode.ROUTES,
    *flows.ROUTES,
    *integrations.ROUTES,
    *actions.ROUTES,
    *functions.ROUTES,
    *platform_actions.ROUTES,
    *dataactions.ROUTES,
    *queues.ROUTES,
    *routing_rules.ROUTES,
    *business_rules.ROUTES,
    *analytics.ROUTES,
)
