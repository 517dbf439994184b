"""All areas' routes. A new area is a folder with the same parts, and a line here."""

from tieline.emulator.flows import routes as flows
from tieline.emulator.oauth import routes as oauth
from tieline.emulator.organization import routes as organization
from tieline.emulator.people import routes as people

ROUTES = (
    *oauth.ROUTES,
    *organization.ROUTES,
    *people.ROUTES,
    *flows.ROUTES,
)
