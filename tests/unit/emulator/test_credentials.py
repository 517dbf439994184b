"""Credentials: types, both listings, and fields that never come out again."""

from typing import Any

import pytest
from emulator_driver import Driver

CREDENTIALS = "/api/v2/integrations/credentials"


def credential(**changes: Any) -> dict[str, Any]:
    return {
        "name": "crm",
        "type": {"name": "userDefined"},
        "credentialFields": {"key": "hush-one"},
        **changes,
    }


async def test_the_types_are_a_bare_array(platform: Driver) -> None:
    types = (await platform.get(f"{CREDENTIALS}/types")).json

    assert [kind["id"] for kind in types] == [
        "basicAuth", "userDefined", "userDefinedOAuth", "pureCloudOAuthClient",
    ]  # fmt: skip
    assert types[0]["required"] == ["userName", "password"]


async def test_replacing_a_credential_changes_what_templates_see_and_tells_no_field(
    platform: Driver,
) -> None:
    created = (await platform.post(CREDENTIALS, credential())).json
    path = f"{CREDENTIALS}/{created['id']}"
    platform.app.clock.advance(5)

    replaced = await platform.send(
        "PUT", path, credential(name="crm 2", credentialFields={"token": "hush-two"})
    )

    read = await platform.get(path)
    assert (replaced.status, replaced.json["name"]) == (200, "crm 2")
    assert replaced.json["modifiedDate"] > created["modifiedDate"]
    assert replaced.json["createdDate"] == created["createdDate"]
    assert read.json["credentialFields"] == {"token": ""}
    assert b"hush" not in replaced.raw + read.raw
    kept = platform.app.world.integrations.credentials.get(created["id"])
    assert kept["credentialFields"] == {"token": "hush-two"}


async def test_the_listing_by_cursor_has_no_total_and_takes_two_hundred(platform: Driver) -> None:
    ids = [(await platform.post(CREDENTIALS, credential())).json["id"] for _ in range(3)]

    whole = (await platform.get(f"{CREDENTIALS}/listing?pageSize=200")).json
    first = (await platform.get(f"{CREDENTIALS}/listing?pageSize=2")).json
    second = (await platform.get(first["nextUri"])).json
    pages = (await platform.get(CREDENTIALS)).json

    assert [each["id"] for each in whole["entities"]] == ids
    assert "total" not in whole
    assert [each["id"] for each in first["entities"] + second["entities"]] == ids
    assert "nextUri" not in second
    assert pages["total"] == 3
    assert (await platform.get(f"{CREDENTIALS}/listing?pageSize=201")).status == 400


@pytest.mark.parametrize(
    "sent",
    [
        {},
        credential(type=None),
        credential(type="userDefined"),
        credential(type={"name": "nothing"}),
        credential(type={"name": ["userDefined"]}),
        credential(credentialFields=["key"]),
        credential(credentialFields={"key": 1}),
        credential(type={"id": "basicAuth"}, credentialFields={"userName": "a"}),
        credential(name=5),
    ],
    ids=["nothing", "no type", "a text", "unknown", "a list", "fields in a list", "a number",
         "half of them", "a number as name"],
)  # fmt: skip
async def test_a_credential_without_a_known_type_and_its_fields_is_refused(
    platform: Driver, sent: Any
) -> None:
    created = (await platform.post(CREDENTIALS, credential())).json

    assert (await platform.post(CREDENTIALS, sent)).status == 400
    assert (await platform.send("PUT", f"{CREDENTIALS}/{created['id']}", sent)).status == 400
    assert (await platform.get(CREDENTIALS)).json["total"] == 1
