"""Tokens over real sockets, for both dialects, among tasks and processes."""

import asyncio
import base64
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from scripted_server import Seen, answers, calling, grants, serving

from tieline.calls.operation import Operation, Request
from tieline.clock import JumpingClock
from tieline.errors import ApiError, AuthenticationFailed, BadAnswer, Error, PermissionDenied
from tieline.http.caller import Caller
from tieline.http.credentials import ClientCredentials, Endpoint, SuppliedToken
from tieline.secret import Secret

LAUNCH = Request(
    Operation("flows.launch", "POST", "/api/v2/flows/executions", False, "platform"), body={}
)
GUIDE_LAUNCH = Request(
    Operation(
        "flows.launch", "POST", "/api/v2/flows/executions", False, "guide",
        scopes=("flow:execution:write",),
    ),
    body={},
)  # fmt: skip
OK = answers(200, {"ok": True})
EXPIRED = answers(401, {"message": "Invalid login credentials.", "code": "bad.credentials"})


async def test_the_platform_gets_basic_authentication_and_nothing_but_the_grant_type() -> None:
    async with serving() as server, calling(server.url) as caller:
        await caller.call(LAUNCH)

    asked = server.token_requests[0]
    assert (asked.method, asked.target) == ("POST", "/oauth/token")
    assert asked.body == b"grant_type=client_credentials"
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    pair = base64.b64decode(asked.headers["authorization"].removeprefix("Basic "))
    assert pair == b"client-1:hush-hush"
    assert server.calls[0].headers["authorization"] == "Bearer t1"


async def test_the_guides_get_a_form_with_scopes() -> None:
    async with (
        serving() as server,
        calling(server.url, dialect="guide", scopes=("flow:execution:write", "x")) as caller,
    ):
        await caller.call(GUIDE_LAUNCH)

    asked = server.token_requests[0]
    assert asked.target == "/api/v2/oauth/token"
    assert "authorization" not in asked.headers
    assert parse_qs(asked.body.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["client-1"],
        "client_secret": ["hush-hush"],
        "scope": ["flow:execution:write x"],
    }


async def test_a_missing_scope_is_an_error_before_the_first_call() -> None:
    async with serving() as server, calling(server.url, dialect="guide") as caller:
        server.token = [grants(scope="customcode:view")]
        with pytest.raises(PermissionDenied, match="flow:execution:write") as caught:
            await caller.call(GUIDE_LAUNCH)

    assert "nothing was sent" in caught.value.message
    assert server.calls == []


async def test_a_thousand_tasks_fetch_one_token() -> None:
    async with serving() as server, calling(server.url, connections=50) as caller:
        await asyncio.gather(*(caller.call(LAUNCH) for _ in range(1000)))

    assert len(server.token_requests) == 1


async def test_a_token_is_fetched_again_30_s_before_it_expires_and_not_earlier() -> None:
    clock = JumpingClock()
    async with serving() as server, calling(server.url, clock=clock) as caller:
        await caller.call(LAUNCH)
        clock.advance(3600 - 31)
        await caller.call(LAUNCH)
        assert len(server.token_requests) == 1
        clock.advance(2)
        await caller.call(LAUNCH)

    assert len(server.token_requests) == 2


async def test_a_wall_clock_that_jumps_back_does_not_keep_a_token_alive() -> None:
    clock = JumpingClock()
    async with serving() as server, calling(server.url, clock=clock) as caller:
        await caller.call(LAUNCH)
        clock.set_wall(0.0)
        clock.advance(3600)
        await caller.call(LAUNCH)

    assert len(server.token_requests) == 2


async def test_a_401_refreshes_once_and_repeats_once_even_a_launch() -> None:
    async with serving(EXPIRED, OK) as server, calling(server.url) as caller:
        server.token = [grants("old"), grants("new")]
        answer = await caller.call(LAUNCH)

    assert answer.attempts == 2
    assert [c.headers["authorization"] for c in server.calls] == ["Bearer old", "Bearer new"]


async def test_a_second_401_is_final() -> None:
    async with serving(EXPIRED) as server, calling(server.url) as caller:
        with pytest.raises(AuthenticationFailed):
            await caller.call(LAUNCH)

    assert len(server.calls) == 2
    assert len(server.token_requests) == 2


async def test_a_token_that_many_tasks_find_expired_is_refreshed_once() -> None:
    old: list[str] = ["Bearer old"]

    async def behave(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Seen
    ) -> bool:
        refuse = seen.headers["authorization"] in old
        return await (EXPIRED if refuse else OK)(reader, writer, seen)

    async with serving(behave) as server, calling(server.url, connections=50) as caller:
        server.token = [grants("old"), grants("new")]
        await asyncio.gather(*(caller.call(LAUNCH) for _ in range(100)))

    assert len(server.token_requests) == 2


REFUSALS = [
    ("unknown client", 400, {"error": "invalid_client", "description": "client not found"}),
    ("wrong secret", 401, {"error": "invalid_client", "error_description": "failed"}),
    ("wrong secret, as 400", 400, {"error": "invalid_client", "description": "failed"}),
    ("another grant", 400, {"error": "unauthorized_client", "description": "not authorized"}),
]


@pytest.mark.parametrize(
    ("status", "body"), [r[1:] for r in REFUSALS], ids=[r[0] for r in REFUSALS]
)
async def test_refused_credentials_are_named_and_tried_once_whatever_the_number_of_tasks(
    status: int, body: dict[str, str]
) -> None:
    async with serving() as server, calling(server.url) as caller:
        server.token = [answers(status, body)]
        ended = await asyncio.gather(
            *(caller.call(LAUNCH) for _ in range(20)), return_exceptions=True
        )

    assert {type(error) for error in ended} == {AuthenticationFailed}
    assert "client-1" in str(ended[0])
    assert len(server.token_requests) <= 2
    assert server.calls == []


@pytest.mark.parametrize(
    "body",
    [{}, [], {"access_token": ""}, {"access_token": "t"}, {"access_token": "a\nb", "expires_in": 9},
     {"access_token": "t", "expires_in": "soon"}, {"access_token": "t", "expires_in": -1}],
    ids=str,
)  # fmt: skip
async def test_a_grant_without_a_usable_token_is_a_bad_answer(body: object) -> None:
    async with serving() as server, calling(server.url) as caller:
        server.token = [answers(200, body)]
        with pytest.raises(BadAnswer):
            await caller.call(LAUNCH)


async def test_a_busy_login_is_tried_again() -> None:
    async with serving() as server, calling(server.url) as caller:
        server.token = [answers(503, {}), answers(429, {}, Retry_After="2"), grants()]
        await caller.call(LAUNCH)

    assert len(server.token_requests) == 3


def jwt(**claims: object) -> str:
    parts = (b'{"alg":"none"}', json.dumps(claims).encode(), b"signature")
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


async def test_a_supplied_token_is_used_as_it_is_and_never_renewed() -> None:
    token = jwt(exp=1_700_000_060, scope="a b")
    async with serving(OK, EXPIRED) as server:
        caller = Caller(Endpoint("platform", server.url, server.url), SuppliedToken(Secret(token)))
        await caller.call(LAUNCH)
        with pytest.raises(AuthenticationFailed, match="expires at 2023-11-14T22:14:20") as caught:
            await caller.call(LAUNCH)
        await caller.aclose()

    assert server.token_requests == []
    assert server.calls[0].headers["authorization"] == f"Bearer {token}"
    assert token not in repr(caught.value)


async def test_a_supplied_token_without_the_scope_is_refused_here() -> None:
    async with serving() as server:
        caller = Caller(
            Endpoint("guide", server.url, server.url), SuppliedToken(Secret(jwt(scp=["x"])))
        )
        with pytest.raises(PermissionDenied):
            await caller.call(GUIDE_LAUNCH)
        await caller.aclose()

    assert server.seen == []


CHILD = """
import asyncio, sys
from pathlib import Path
from tieline.calls.operation import Operation, Request
from tieline.http.caller import Caller
from tieline.http.credentials import ClientCredentials, Endpoint
from tieline.secret import Secret

async def main(url, folder):
    caller = Caller(Endpoint("platform", url, url),
                    ClientCredentials("client-1", Secret("hush")), token_folder=Path(folder))
    for path in ("/first", "/second"):
        await caller.call(Request(Operation("x", "GET", path, True, "platform")))
    await caller.aclose()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_processes_fetch_and_refresh_one_token_among_them(tmp_path: Path) -> None:
    arrived: list[str] = []
    everyone = asyncio.Event()

    async def behave(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Seen
    ) -> bool:
        old = seen.headers["authorization"] == "Bearer old"
        if seen.target == "/second" and old:
            arrived.append(seen.target)
            if len(arrived) == 3:
                everyone.set()
            await everyone.wait()  # all three find the token expired at the same moment
            return await EXPIRED(reader, writer, seen)
        return await OK(reader, writer, seen)

    async with serving(behave) as server:
        server.token = [grants("old"), grants("new")]
        children = [
            await asyncio.create_subprocess_exec(
                sys.executable, "-c", CHILD, server.url, str(tmp_path), stderr=subprocess.PIPE
            )
            for _ in range(3)
        ]
        ended = await asyncio.gather(*(child.communicate() for child in children))

    assert [child.returncode for child in children] == [0, 0, 0], ended
    assert len(server.token_requests) == 2


async def test_the_token_file_is_for_this_user_only_and_others_are_not_believed(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "state"
    async with serving() as server:
        endpoint = Endpoint("platform", server.url, server.url)
        client = ClientCredentials("client-1", Secret("hush"))
        for _ in range(2):
            caller = Caller(endpoint, client, token_folder=folder)
            await caller.call(LAUNCH)
            await caller.aclose()
        assert len(server.token_requests) == 1
        (file,) = folder.glob("*.json")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700

        file.chmod(0o644)
        caller = Caller(endpoint, client, token_folder=folder)
        await caller.call(LAUNCH)
        await caller.aclose()

    assert len(server.token_requests) == 2
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


FORKED = """
import asyncio, os
from tieline.calls.operation import Operation, Request
from tieline.http.caller import Caller
from tieline.http.credentials import Endpoint, SuppliedToken
from tieline.secret import Secret

caller = Caller(Endpoint("platform", "http://127.0.0.1:1", "x"), SuppliedToken(Secret("t")))
if os.fork() == 0:
    try:
        asyncio.run(caller.call(Request(Operation("x", "GET", "/", True, "platform"))))
    except Exception as error:
        print(type(error).__name__, error.hint, flush=True)
    os._exit(0)
os.wait()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_caller_used_after_a_fork_refuses() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORKED], check=True, capture_output=True, text=True
    )

    assert done.stdout == "Unsupported open a client in each process\n"


async def test_an_error_of_the_platform_is_an_error_of_ours() -> None:
    async with serving(answers(400, {"message": "x"})) as server, calling(server.url) as caller:
        with pytest.raises(ApiError) as caught:
            await caller.call(LAUNCH)

    assert isinstance(caught.value, Error)
