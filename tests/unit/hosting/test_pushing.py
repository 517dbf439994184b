"""Documents reach a portal that is down for a moment, each once by its own id."""

import json

import pytest
from scripted_server import Behaviour, Server, answers, serving, writes

from tieline.errors import ApiError, AuthenticationFailed, InvalidInput, PermissionDenied
from tieline.hosting.pushing import push_documents
from tieline.secret import Secret

DOCUMENTS = [{"portal_sync_id": "one"}, {"portal_sync_id": "two"}]
BUSY = answers(503, {}, Retry_After="0")


def pushed(server: Server) -> list[str]:
    return [json.loads(seen.body)["portal_sync_id"] for seen in server.calls]


@pytest.mark.parametrize(
    "first",
    [BUSY, answers(429, {}, Retry_After="0"), answers(502, b"<html>"), writes(b"")],
    ids=["busy", "rate limit", "gateway", "no answer"],
)
async def test_a_push_that_failed_for_a_moment_is_repeated(first: Behaviour) -> None:
    async with serving(first, answers(200, {})) as server:
        await push_documents(f"{server.url}/sync?tenant={{a}}", DOCUMENTS)

    assert pushed(server) == ["one", "one", "two"]
    assert {seen.target for seen in server.calls} == {"/sync?tenant=%7Ba%7D"}
    assert {seen.method for seen in server.calls} == {"POST"}


async def test_a_push_says_who_it_is_only_with_a_token() -> None:
    async with serving(answers(200, {})) as server:
        await push_documents(f"{server.url}/sync", DOCUMENTS[:1])
        await push_documents(f"{server.url}/sync", DOCUMENTS[:1], token=Secret("t1"))

    told = [
        {name.lower(): value for name, value in seen.headers.items()}.get("authorization")
        for seen in server.calls
    ]
    assert told == [None, "Bearer t1"]


async def test_a_portal_that_wants_a_token_is_told_as_such() -> None:
    async with serving(answers(401, {"message": "who are you"})) as server:
        with pytest.raises(AuthenticationFailed):
            await push_documents(f"{server.url}/sync", DOCUMENTS)

    assert set(pushed(server)) == {"one"}


async def test_a_portal_that_refuses_is_asked_once_and_gets_no_further_document() -> None:
    async with serving(answers(403, {"message": "not yours"})) as server:
        with pytest.raises(PermissionDenied):
            await push_documents(f"{server.url}/sync", DOCUMENTS)

    assert pushed(server) == ["one"]


async def test_a_portal_that_answers_500_is_told_with_its_status() -> None:
    async with serving(answers(500, {"message": "down"})) as server:
        with pytest.raises(ApiError) as caught:
            await push_documents(f"{server.url}/sync", DOCUMENTS)

    assert caught.value.status == 500


@pytest.mark.parametrize(
    "url", ["portal.example", "ftp://portal.example/x", "https://", "file:///x"]
)
async def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput, match="--push"):
        await push_documents(url, DOCUMENTS)
