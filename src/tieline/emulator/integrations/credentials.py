"""Credentials: their types, and keeping them; fields go in and are never told again."""

import uuid
from dataclasses import dataclass
from typing import Any

from tieline.emulator import wire_errors
from tieline.emulator.call import Answer, Call
from tieline.emulator.clock import iso
from tieline.emulator.paging import cursor_page, numbered_page
from tieline.emulator.tables import Document

CREDENTIALS = "/api/v2/integrations/credentials"
# The listing by cursor takes twice what other lists take.
_MOST_A_PAGE = 200


@dataclass(frozen=True, slots=True)
class CredentialType:
    """The fields that a credential of the type has; none means any."""

    name: str
    fields: tuple[str, ...] = ()

    def to_wire(self) -> Document:
        """The platform's form."""
        properties = {field: {"type": "string"} for field in self.fields}
        return {
            "id": self.name,
            "name": self.name,
            "properties": {"type": "object", "properties": properties},
            "displayOrder": list(self.fields),
            "required": list(self.fields),
        }


TYPES = {
    kind.name: kind
    for kind in (
        CredentialType("basicAuth", ("userName", "password")),
        CredentialType("userDefined"),
        CredentialType("userDefinedOAuth"),
        CredentialType("pureCloudOAuthClient", ("clientId", "clientSecret")),
    )
}


def list_types(_call: Call) -> Answer:
    """List the types, as a bare array."""
    return Answer(200, [kind.to_wire() for kind in TYPES.values()])


def list_credentials(call: Call) -> Answer:
    """List credentials, without their fields."""
    return Answer(200, numbered_page(call, _all(call), uris=CREDENTIALS))


def list_by_cursor(call: Call) -> Answer:
    """List credentials the platform's newer way."""
    page = cursor_page(call, _all(call), path=f"{CREDENTIALS}/listing", largest=_MOST_A_PAGE)
    return Answer(200, page)


def create(call: Call) -> Answer:
    """Keep a credential."""
    credential = call.world.integrations.credentials.put(
        {"id": str(uuid.uuid4()), **_sent(call), "createdDate": iso(call.now)}
    )
    return Answer(200, _view(credential), effect=credential["id"])


def get(call: Call) -> Answer:
    """Tell about a credential; its fields are redacted."""
    found = call.world.integrations.credentials.get(call.path[0])
    redacted = dict.fromkeys(found.get("credentialFields", {}), "")
    return Answer(200, {**_view(found), "credentialFields": redacted})


def put(call: Call) -> Answer:
    """Replace a credential, its fields included."""
    found = call.world.integrations.credentials.get(call.path[0])
    found.update(_sent(call))
    return Answer(200, _view(found), effect=found["id"])


def delete(call: Call) -> Answer:
    """Forget a credential."""
    found = call.world.integrations.credentials.get(call.path[0])
    call.world.integrations.credentials.remove(found["id"])
    return Answer(204, effect=found["id"])


def _sent(call: Call) -> Document:
    sent = call.require("type", "credentialFields")
    kind = _type(sent["type"])
    fields = sent["credentialFields"]
    if not isinstance(fields, dict) or not all(isinstance(v, str) for v in fields.values()):
        raise wire_errors.invalid_value(
            "credentialFields", "…", kind="map<String>", allowed="texts by name"
        )
    missing = [f"credentialFields.{name}" for name in kind.fields if name not in fields]
    if missing:
        raise wire_errors.missing_fields(*missing)
    return {
        "name": call.text("name") or "",
        "type": {"id": kind.name, "name": kind.name},
        "credentialFields": fields,
        "modifiedDate": iso(call.now),
    }


def _type(sent: Any) -> CredentialType:
    named = (sent.get("id") or sent.get("name")) if isinstance(sent, dict) else None
    kind = TYPES.get(named) if isinstance(named, str) else None
    if kind is None:
        raise wire_errors.invalid_value(
            "type", named, kind="CredentialType", allowed=", ".join(TYPES)
        )
    return kind


def _all(call: Call) -> list[Document]:
    return [_view(each) for each in call.world.integrations.credentials]


def _view(credential: Document) -> Document:
    fields = {k: v for k, v in credential.items() if k != "credentialFields"}
    return {**fields, "selfUri": f"{CREDENTIALS}/{credential['id']}"}
