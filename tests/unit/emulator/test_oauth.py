"""Tokens and what they may do, as both dialects ask for them."""

import base64

import pytest
from emulator_driver import FLOW, FUNCTION, Driver

from tieline.emulator.app import Emulator

FORM = "application/x-www-form-urlencoded"


def basic(client: str, secret: str) -> dict[str, str]:
    pair = base64.b64encode(f"{client}:{secret}".encode()).decode()
    return {"authorization": f"Basic {pair}"}


async def test_basic_credentials_get_a_platform_token_without_scope(app: Emulator) -> None:
    got = await Driver(app).send(
        "POST", "/oauth/token", raw=b"grant_type=client_credentials", kind=FORM,
        headers=basic("tieline-demo", "tieline-demo-secret"),
    )  # fmt: skip

    assert got.status == 200
    assert got.json | {"access_token": "…"} == {
        "access_token": "…",
        "token_type": "bearer",
        "expires_in": 86399,
    }


@pytest.mark.parametrize("path", ["/oauth/token", "/api/v2/oauth/token"])
async def test_a_guides_form_gets_a_token_with_the_scope_it_asked_for(
    app: Emulator, path: str
) -> None:
    form = (
        b"grant_type=client_credentials&client_id=tieline-demo"
        b"&client_secret=tieline-demo-secret&scope=customcode%3Aview+dataaction%3Aexecute"
    )

    got = await Driver(app).send("POST", path, raw=form, kind=FORM)

    assert got.json["scope"] == "customcode:view dataaction:execute"


@pytest.mark.parametrize(
    ("client", "status"),
    [
        pytest.param("nobody", 400, id="unknown client"),
        pytest.param("tieline-demo", 401, id="wrong secret"),
    ],
)
async def test_bad_credentials_are_refused_in_oauths_own_form(
    app: Emulator, client: str, status: int
) -> None:
    got = await Driver(app).send(
        "POST", "/oauth/token", raw=b"grant_type=client_credentials", kind=FORM,
        headers=basic(client, "x"),
    )  # fmt: skip

    assert (got.status, got.json["error"]) == (status, "invalid_client")
    assert got.json["description"] == got.json["error_description"]
    assert not app.entries("oauth.token")[-1].authorized


async def test_a_wrong_secret_can_be_answered_with_400(with_fixture) -> None:  # noqa: ANN001  # a maker
    driver = with_fixture({"settings": {"wrong_secret_status": 400}})

    got = await driver.send(
        "POST", "/oauth/token", raw=b"grant_type=client_credentials", kind=FORM,
        headers=basic("tieline-demo", "x"),
    )  # fmt: skip

    assert got.status == 400


async def test_another_grant_type_and_json_are_refused(app: Emulator) -> None:
    driver = Driver(app)

    password = await driver.send("POST", "/oauth/token", raw=b"grant_type=password", kind=FORM)
    json = await driver.post("/oauth/token", {"grant_type": "client_credentials"})

    assert (password.status, password.json["error"]) == (400, "unsupported_grant_type")
    assert json.status == 415


async def test_a_scope_that_the_client_lacks_is_refused(app: Emulator) -> None:
    form = (
        b"grant_type=client_credentials&client_id=tieline-readonly"
        b"&client_secret=tieline-readonly-secret&scope=customcode%3Aexecute"
    )

    got = await Driver(app).send("POST", "/oauth/token", raw=form, kind=FORM)

    assert (got.status, got.json["error"]) == (400, "invalid_scope")


async def test_no_token_and_an_unknown_one_are_two_different_refusals(app: Emulator) -> None:
    driver = Driver(app)

    empty = await driver.get("/api/v2/organizations/me")
    driver.token = "made-up"
    unknown = await driver.get("/api/v2/organizations/me")

    assert (empty.status, empty.json["code"]) == (401, "authentication.required")
    assert (unknown.status, unknown.json["code"]) == (401, "bad.credentials")


async def test_a_token_expires_by_the_emulators_clock(app: Emulator, platform: Driver) -> None:
    app.clock.advance(86_399)
    before = await platform.get("/api/v2/tokens/me")
    app.clock.advance(1)
    after = await platform.get("/api/v2/tokens/me")

    assert (before.status, after.status) == (200, 401)


async def test_a_revoked_token_is_unknown(platform: Driver) -> None:
    revoked = await platform.send("DELETE", "/api/v2/tokens/me")
    after = await platform.send("HEAD", "/api/v2/tokens/me")

    assert (revoked.status, after.status) == (204, 401)


async def test_a_missing_permission_is_named_and_nothing_is_carried_out(app: Emulator) -> None:
    driver = await Driver(app).login("tieline-readonly")

    got = await driver.post("/api/v2/flows/executions", {"flowId": FLOW})

    assert (got.status, got.json["code"]) == (403, "missing.permissions")
    assert "architect:flow:launch" in got.json["message"]
    entry = app.entries("flows.launch")[0]
    assert (entry.effect, entry.authorized) == (None, False)


async def test_one_of_two_permissions_is_enough_and_both_are_named_when_none_is_there(
    app: Emulator,
) -> None:
    driver = await Driver(app).login("tieline-readonly")

    read = await driver.get("/api/v2/integrations/actions")
    got = await driver.post(f"/api/v2/integrations/actions/{FUNCTION}/execute", {})

    assert read.status == 200
    assert got.json["code"] == "missing.any.permissions"
    assert "bridge:actions:execute" in got.json["message"]


async def test_a_missing_scope_is_named_in_the_guide_dialect(app: Emulator) -> None:
    driver = await Driver(app).login(scope="customcode:view", path="/api/v2/oauth/token")

    read = await driver.get(f"/api/v2/customcode/{FUNCTION}")
    got = await driver.post("/api/v2/customcode/executions", {"customCodeId": FUNCTION})

    assert read.status == 200
    assert (got.status, "customcode:execute" in got.json["message"]) == (403, True)


async def test_a_parent_scope_covers_its_children(app: Emulator) -> None:
    driver = await Driver(app).login(scope="routing:rule", path="/api/v2/oauth/token")

    assert (await driver.get("/api/v2/routing/rules")).status == 200
