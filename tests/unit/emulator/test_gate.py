"""What is the same for every call: path, content type, sizes, errors, correlation, limits."""

import pytest
from emulator_driver import FLOW, LOOKUP, Driver
from hypothesis import given
from hypothesis import strategies as st

from tieline.emulator.app import Emulator
from tieline.emulator.areas import ROUTES
from tieline.emulator.routes import Found, RouteTable

EXECUTE = f"/api/v2/integrations/actions/{LOOKUP}/execute"
TABLE = RouteTable(ROUTES)


async def test_an_error_has_the_platforms_form_and_quotes_its_correlation_id(
    platform: Driver,
) -> None:
    got = await platform.get("/api/v2/flows/executions/nothing")

    assert got.json == {
        "message": "The requested resource was not found.",
        "code": "not.found",
        "status": 404,
        "messageParams": {},
        "contextId": got.headers["inin-correlation-id"],
        "details": [],
        "errors": [],
        "entityId": "nothing",
    }


async def test_a_correlation_id_that_was_sent_is_echoed(platform: Driver, guide: Driver) -> None:
    sent = {"ININ-Correlation-Id": "of-the-caller"}
    one = await platform.send("GET", "/api/v2/organizations/me", headers=sent)
    other = await guide.send("GET", "/api/v2/routing/rules", headers={"request-id": "mine"})

    assert one.headers["inin-correlation-id"] == "of-the-caller"
    assert other.headers["request-id"] == "mine"


@pytest.mark.parametrize(
    ("kind", "raw", "status", "code"),
    [
        pytest.param("text/plain", b"{}", 415, "unsupported.media.type", id="another type"),
        pytest.param(None, b"{}", 415, "unsupported.media.type", id="no type"),
        pytest.param("application/json", b"{", 400, "bad.request", id="no JSON"),
        pytest.param("application/json", b'{"a": NaN}', 400, "bad.request", id="NaN"),
        pytest.param("application/json", b'{"a": "\xff"}', 400, "bad.request", id="no UTF-8"),
        pytest.param("application/json", b"[1]", 400, "bad.request", id="no object"),
        pytest.param("application/json", b'{"a":' * 5000 + b"1" + b"}" * 5000, 400, "bad.request",
                     id="too deep"),
        pytest.param("application/json", b'"' + b"x" * 512_000 + b'"', 413,
                     "request.entity.too.large", id="too large"),
    ],
)  # fmt: skip
async def test_a_body_that_cannot_be_taken_is_refused(
    platform: Driver, kind: str | None, raw: bytes, status: int, code: str
) -> None:
    got = await platform.send("POST", EXECUTE, raw=raw, kind=kind)

    assert (got.status, got.json["code"]) == (status, code)
    assert platform.app.entries("actions.execute")[0].effect is None


@pytest.mark.parametrize("raw", [b"null", b"", b"{}"])
async def test_null_empty_and_an_empty_object_are_no_body(platform: Driver, raw: bytes) -> None:
    got = await platform.send("POST", f"/api/v2/integrations/actions/{LOOKUP}/draft", raw=raw)

    assert got.status == 200


async def test_a_content_type_with_charset_is_json(platform: Driver) -> None:
    got = await platform.send(
        "POST", EXECUTE, raw=b'{"customerId":"10024"}', kind="application/json; charset=UTF-8"
    )

    assert got.status == 200


async def test_another_method_on_a_path_is_405_and_says_which_there_are(platform: Driver) -> None:
    got = await platform.send("PUT", "/api/v2/flows/executions", {})

    assert (got.status, got.json["messageParams"]) == (405, {"methods": "POST"})


async def test_a_parameter_keeps_an_encoded_slash_to_itself(platform: Driver) -> None:
    got = await platform.get("/api/v2/flows/executions/a%2Fb%2F..")

    assert (got.status, got.json["entityId"]) == (404, "a/b/..")


async def test_the_platforms_limit_per_token_refuses_until_the_minute_is_over(
    with_fixture,  # noqa: ANN001  # a maker
) -> None:
    limits = {"platform.api": {"client.credentials.token.rate.per.minute": 2}}
    driver = with_fixture({"settings": {"enforce_rate_limits": True}, "limits": limits})
    await driver.login()

    statuses = [(await driver.get("/api/v2/organizations/me")).status for _ in range(2)]
    refused = await driver.get("/api/v2/organizations/me")
    wait = int(refused.headers["retry-after"])
    driver.app.clock.advance(wait)
    after = await driver.get("/api/v2/organizations/me")

    assert (statuses, refused.status, after.status) == ([200, 200], 429, 200)
    assert refused.json["code"] == "too.many.requests.retry.after"
    assert refused.json["messageParams"] == {"retryAfter": str(wait)}
    assert refused.json["limit"] == {
        "key": "client.credentials.token.rate.per.minute",
        "namespace": "platform.api",
        "value": 2,
    }


async def test_a_second_token_of_the_client_has_a_count_of_its_own(
    with_fixture,  # noqa: ANN001  # a maker
) -> None:
    limits = {"platform.api": {"client.credentials.token.rate.per.minute": 1}}
    first = with_fixture({"settings": {"enforce_rate_limits": True}, "limits": limits})
    second = Driver(first.app)
    await first.login()
    await second.login()

    statuses = [(await d.get("/api/v2/organizations/me")).status for d in (first, first, second)]

    assert statuses == [200, 429, 200]


async def test_two_equal_launches_are_two_executions_and_the_second_is_called_a_duplicate(
    app: Emulator, platform: Driver
) -> None:
    for _ in range(2):
        await platform.post("/api/v2/flows/executions", {"flowId": FLOW})
    await platform.post("/api/v2/flows/executions", {"flowId": FLOW, "name": "another"})

    first, second, third = app.entries("flows.launch")
    assert len({first.effect, second.effect, third.effect}) == 3
    assert (first.duplicate_of, second.duplicate_of, third.duplicate_of) == (None, first.n, None)


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: f"{r.method} {r.path}")
def test_every_route_is_found_and_asks_for_a_right(route) -> None:  # noqa: ANN001  # a route
    found = TABLE.find(route.method, route.path.replace("{", "x").replace("}", ""))

    assert isinstance(found, Found)
    assert found.route is route
    # A download's own id is what a caller must know; the platform asks for no further right.
    open_to_all = route.operation.startswith(
        ("oauth", "tokens", "organizations", "limits", "downloads")
    )
    rights = route.permissions or route.any_permission or route.scopes
    assert open_to_all or rights or route.raw  # a presigned URL carries its right in itself


@given(st.text(st.characters(codec="ascii"), max_size=60))
def test_no_path_breaks_the_table(path: str) -> None:
    TABLE.find("GET", f"/api/v2/{path}")
