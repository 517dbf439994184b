"""A function's way from a draft to an answer: URL, zip, statuses, settings, publication, code."""

from collections.abc import Callable
from typing import Any

import pytest
from emulator_driver import Driver, Got
from function_zips import BAD, DAMAGED, GOOD, zipped

from tieline.emulator.app import Emulator

ACTIONS = "/api/v2/integrations/actions"
FUNCTIONS = "f0a2c6e8-1b3d-4e5f-9a7c-8b6d4f2e0c11"
SETTINGS = {"description": "echo", "handler": "src/index.handler", "runtime": "nodejs22.x"}
SCHEMA = {"$schema": "http://json-schema.org/draft-04/schema#", "type": "object"}
NEW = {
    "category": "Functions",
    "name": "echo",
    "integrationId": FUNCTIONS,
    "config": {"request": {"requestTemplate": "${input.rawRequest}", "headers": {"X-Area": "se"}}},
    "contract": {
        "input": {"inputSchema": {**SCHEMA, "properties": {"name": {"type": "string"}}}},
        "output": {"successSchema": SCHEMA},
    },
}
SHOWN = {
    "format": "InvalidFormat",
    "file": "InvalidFile",
    "layout": "Invalid",
}


async def draft_of(driver: Driver) -> str:
    made = await driver.post(f"{ACTIONS}/drafts", NEW)
    return str(made.json["id"])


async def offered(driver: Driver, action_id: str, **more: Any) -> Any:
    path = f"{ACTIONS}/{action_id}/draft/function/upload"
    return (await driver.post(path, {"fileName": "echo-1.zip", **more})).json


async def put(driver: Driver, offer: Any, content: bytes, **headers: str) -> Got:
    """Upload as a client does that knows only the URL; the driver would send its token along."""
    path, _, query = offer["url"].removeprefix("http://localhost").partition("?")
    given = {
        "content-type": "application/zip", "content-length": str(len(content)), **offer["headers"],
        **headers,
    }  # fmt: skip
    scope = {
        "type": "http", "method": "PUT", "path": path, "raw_path": path.encode(),
        "query_string": query.encode(), "client": ("127.0.0.1", 1),
        "headers": [(k.lower().encode(), v.encode()) for k, v in given.items() if v],
    }  # fmt: skip
    sent = [{"type": "http.request", "body": content, "more_body": False}]
    told: list[Any] = []

    async def receive() -> Any:
        return sent.pop() if sent else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        told.append(message)

    await driver.app(scope, receive, send)
    return Got(told[0]["status"], {}, told[1].get("body", b""))


async def config_of(driver: Driver, action_id: str) -> Any:
    return (await driver.get(f"{ACTIONS}/{action_id}/draft/function")).json


async def published(driver: Driver, content: bytes, **settings: Any) -> str:
    action_id = await draft_of(driver)
    assert (await put(driver, await offered(driver, action_id), content)).status == 200
    driver.app.clock.advance(1.0)
    path = f"{ACTIONS}/{action_id}/draft"
    assert (await driver.send("PUT", f"{path}/function", {**SETTINGS, **settings})).status == 200
    version = (await driver.get(path)).json["version"]
    got = await driver.post(f"{path}/publish", {"version": version})
    assert got.status == 200, got.raw
    return action_id


async def test_a_functions_url_is_filled_in_and_nobody_changes_it(platform: Driver) -> None:
    action_id = await draft_of(platform)
    draft = f"{ACTIONS}/{action_id}/draft"
    made = (await platform.get(f"{draft}?includeConfig=true")).json
    request = {"requestUrlTemplate": "https://elsewhere.example", "requestTemplate": "{}"}

    changed = await platform.send(
        "PATCH", draft, {"version": made["version"], "config": {"request": request}}
    )

    filled_in = made["config"]["request"]["requestUrlTemplate"]
    assert action_id in filled_in
    assert changed.json["config"]["request"]["requestUrlTemplate"] == filled_in
    assert (await platform.get(f"{draft}/templates/requesttemplate.vm")).raw == b"{}"


async def test_a_zip_passes_through_its_statuses_in_emulator_time(platform: Driver) -> None:
    action_id = await draft_of(platform)
    offer = await offered(platform, action_id)
    before = await config_of(platform, action_id)

    assert (await put(platform, offer, zipped())).status == 200
    seen = []
    for _ in range(3):
        config = await config_of(platform, action_id)
        seen.append((config["zip"]["status"], "zipId" in config.get("function", {})))
        platform.app.clock.advance(0.35)

    assert "zip" not in before
    assert seen == [("Pending", False), ("Transferring", False), ("Available", True)]
    assert config["zip"]["name"] == "echo-1.zip"
    assert offer["signedUrlTimeoutSeconds"] == 900


@pytest.mark.parametrize(
    ("make", "fault"),
    [*[case[1:] for case in BAD if case[0] != "nothing"], (DAMAGED, "file")],
    ids=[*[case[0] for case in BAD if case[0] != "nothing"], "damaged"],
)
async def test_a_bad_zip_is_refused_by_its_status_and_kept_in_the_history(
    platform: Driver, make: Callable[[], bytes], fault: str
) -> None:
    action_id = await draft_of(platform)

    assert (await put(platform, await offered(platform, action_id), make())).status == 200
    platform.app.clock.advance(1.0)
    config = await config_of(platform, action_id)

    assert config["zip"]["status"] == SHOWN[fault]
    assert [each["status"] for each in config["uploadExceptionHistory"]] == [SHOWN[fault]]
    assert config["uploadExceptionHistory"][0]["errorMessage"]
    assert "zipId" not in config.get("function", {})


async def test_after_a_refused_zip_a_good_one_is_taken(platform: Driver) -> None:
    action_id = await draft_of(platform)
    await put(platform, await offered(platform, action_id), b"no zip")
    platform.app.clock.advance(1.0)

    await put(platform, await offered(platform, action_id), zipped())
    platform.app.clock.advance(1.0)
    config = await config_of(platform, action_id)

    assert config["zip"]["status"] == "Available"
    assert len(config["uploadExceptionHistory"]) == 1


async def test_the_place_of_uploads_takes_only_what_was_signed(platform: Driver) -> None:
    offer = await offered(platform, await draft_of(platform), signedUrlTimeoutSeconds=60)
    content = zipped()
    elsewhere = {**offer, "url": "http://localhost/function-uploads/guessed?x=1"}

    answers = {
        "another header": await put(platform, offer, content, **{"x-amz-tagging": "mine"}),
        "no header": await put(platform, offer, content, **{"x-amz-meta-functionid": ""}),
        "another type": await put(platform, offer, content, **{"content-type": "text/plain"}),
        "a token": await put(platform, offer, content, authorization="Bearer x"),
        "no length": await put(platform, offer, content, **{"content-length": ""}),
        "a guess": await put(platform, elsewhere, content),
    }
    taken = [(await put(platform, offer, content)).status for _ in range(2)]
    platform.app.clock.advance(60)
    late = await put(platform, offer, content)

    assert {name: got.status for name, got in answers.items()} == {
        "another header": 403, "no header": 403, "another type": 403, "a token": 400,
        "no length": 411, "a guess": 403,
    }  # fmt: skip
    assert (taken, late.status) == ([200, 200], 403)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"fileName": "../x"},
        {"fileName": ""},
        {"fileName": 5},
        {"fileName": "a.zip", "signedUrlTimeoutSeconds": 0},
        {"fileName": "a.zip", "signedUrlTimeoutSeconds": 604801},
        {"fileName": "a.zip", "signedUrlTimeoutSeconds": True},
    ],
)
async def test_an_upload_is_not_offered_for_a_bad_request(platform: Driver, body: Any) -> None:
    action_id = await draft_of(platform)

    got = await platform.post(f"{ACTIONS}/{action_id}/draft/function/upload", body)

    assert got.status == 400


async def test_publishing_needs_an_available_zip_settings_and_the_handlers_file(
    platform: Driver,
) -> None:
    action_id = await draft_of(platform)
    path = f"{ACTIONS}/{action_id}/draft"

    async def refusal() -> str:
        version = (await platform.get(path)).json["version"]
        got = await platform.post(f"{path}/publish", {"version": version})
        assert got.status == 400
        return str(got.json["message"])

    nothing = await refusal()
    await put(platform, await offered(platform, action_id), zipped())
    platform.app.clock.advance(1.0)
    no_settings = await refusal()
    await platform.send("PUT", f"{path}/function", {**SETTINGS, "handler": "lib/main.handler"})
    wrong_handler = await refusal()
    await platform.send("PUT", f"{path}/function", SETTINGS)
    await put(platform, await offered(platform, action_id), b"no zip")
    platform.app.clock.advance(1.0)
    bad_zip = await refusal()

    assert "function.zipId" in nothing
    assert "function.handler" in no_settings
    assert "lib/main.handler" in wrong_handler
    assert "InvalidFormat" in bad_zip


async def test_a_published_function_runs_with_the_platforms_context(platform: Driver) -> None:
    code = b"""exports.handler = async (event, context) => ({
      event, area: context.clientContext['X-Area'],
      ids: Object.keys(context.clientContext).filter((k) => k.startsWith('ININ-')).length,
    });"""
    action_id = await published(platform, zipped({"src/index.js": code}))

    got = await platform.post(f"{ACTIONS}/{action_id}/execute", {"name": "Ada"})
    settings = (await platform.get(f"{ACTIONS}/{action_id}/function")).json

    assert got.status == 200, got.raw
    assert got.json == {"event": {"name": "Ada"}, "area": "se", "ids": 5}
    assert settings["function"]["handler"] == "src/index.handler"
    assert settings["zip"]["status"] == "Available"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (b"exports.handler = async () => { throw new TypeError('no such customer'); };",
         "errorType:TypeError,errorMessage:no such customer,trace:["),
        (b"exports.handler = async () => { for (;;) {} };", "timed out after 1 seconds"),
        (b"exports.handler = async () => 'x'.repeat(800000);", "750"),
        (b"exports.other = 1;", "handler"),
    ],
    ids=["thrown", "over time", "too large", "no such export"],
)  # fmt: skip
async def test_a_function_that_fails_answers_500_with_the_platforms_words(
    platform: Driver, code: bytes, said: str
) -> None:
    action_id = await published(platform, zipped({"src/index.js": code}), timeoutSeconds=1)

    got = await platform.post(f"{ACTIONS}/{action_id}/execute", {})

    error = got.json
    assert got.status == 500
    assert (error["code"], error["details"]) == (
        "internal.server.error", [{"errorCode": "ACTION.REMOTE_ENDPOINT"}],
    )  # fmt: skip
    assert error["errors"][0]["code"] == "INTERNAL_SERVER_ERROR"
    assert (
        "REST call for action execute failed. Message: Invoked function failed."
        in (error["errors"][0]["message"])
    )
    assert said in error["errors"][0]["message"]


async def test_a_result_that_looks_like_an_error_is_a_success(platform: Driver) -> None:
    code = b"exports.handler = async () => ({ statusCode: 400, body: 'no' });"
    action_id = await published(platform, zipped({"src/index.js": code}))

    got = await platform.post(f"{ACTIONS}/{action_id}/execute", {})

    assert (got.status, got.json) == (200, {"statusCode": 400, "body": "no"})


async def test_a_next_version_replaces_the_code_when_it_is_published(platform: Driver) -> None:
    action_id = await published(platform, zipped())
    path = f"{ACTIONS}/{action_id}/draft"
    await platform.send("POST", path)
    await put(platform, await offered(platform, action_id),
              zipped({"src/index.js": b"exports.handler = async () => ({ v: 2 });"}))  # fmt: skip
    platform.app.clock.advance(1.0)
    before = (await platform.post(f"{ACTIONS}/{action_id}/execute", {})).json
    version = (await platform.get(path)).json["version"]

    assert (await platform.post(f"{path}/publish", {"version": version})).status == 200
    after = (await platform.post(f"{ACTIONS}/{action_id}/execute", {})).json

    assert (before, after) == ({"seen": {}}, {"v": 2})


async def test_a_zip_sent_again_with_other_code_runs_the_other_code(platform: Driver) -> None:
    action_id = await draft_of(platform)
    offer = await offered(platform, action_id)
    path = f"{ACTIONS}/{action_id}/draft"
    results = []
    for content in (GOOD, {"src/index.js": b"exports.handler = async () => ({ v: 2 });"}):
        await put(platform, offer, zipped(content))
        platform.app.clock.advance(1.0)
        await platform.send("PUT", f"{path}/function", SETTINGS)
        results.append((await platform.post(f"{path}/test", {})).json["finalResult"])

    assert results == [{"seen": {}}, {"v": 2}]


async def test_code_survives_the_dump_of_the_state(app: Emulator, platform: Driver) -> None:
    action_id = await published(platform, zipped(GOOD))

    app.replace_state(app.dump_state())
    driver = await Driver(app).login()

    assert (await driver.post(f"{ACTIONS}/{action_id}/execute", {})).json == {"seen": {}}


CODE = {
    "id": "c0de",
    "name": "Greeter",
    "inputs": ["name"],
    "sandbox": {"timeout": 5, "memory": 128, "allowedPackages": ["json"]},
}


@pytest.mark.parametrize(
    ("source", "status", "said"),
    [
        ("def handler(event, context):\n    return {'hello': event['name']}", "completed", None),
        ("def greet(name):\n    return {'hello': name}", "completed", None),
        ("def handler(event):\n    raise ValueError('not you')", "failed", "not you"),
        ("import socket\ndef handler(event):\n    return 1", "failed", "socket"),
        ("def handler(event):\n    while True: pass", "timed_out", "longer than 1 s"),
    ],
    ids=["event", "inputs", "raises", "package", "loops"],
)
async def test_custom_code_of_a_fixture_runs_with_the_definitions_limits(
    with_fixture: Callable[[Any], Driver], source: str, status: str, said: str | None
) -> None:
    driver = with_fixture({"custom_code": [{**CODE, "code": source}]})
    await driver.login(path="/api/v2/oauth/token")
    body = {"customCodeId": "c0de", "inputs": {"name": "Ada"}, "timeout": 1}

    queued = await driver.post("/api/v2/customcode/executions", body)
    first = (await driver.get(f"/api/v2/customcode/executions/{queued.json['id']}")).json
    driver.app.clock.advance(10)
    ended = (await driver.get(f"/api/v2/customcode/executions/{queued.json['id']}")).json
    definition = (await driver.get("/api/v2/customcode/c0de")).json

    assert (queued.status, queued.json["status"], first["status"]) == (202, "queued", "queued")
    assert ended["status"] == status, ended
    assert ended["result"] == ({"hello": "Ada"} if status == "completed" else None)
    assert said is None or said in ended["error"]
    assert "code" not in definition
