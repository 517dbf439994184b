"""Faults on real sockets: what each is called, and that nothing is sent twice that must not be."""

import asyncio
import socket
from contextlib import closing

import pytest
from scripted_server import Behaviour, Seen, answers, bomb, calling, floods, serving, writes

from tieline.calls.operation import Operation, Request
from tieline.errors import (
    ApiError,
    BadAnswer,
    DeadlineExceeded,
    Error,
    MaxRetriesExceeded,
    NetworkError,
    OutcomeUnknown,
    RateLimited,
)

LAUNCH = Request(
    Operation("flows.launch", "POST", "/api/v2/flows/executions", False, "platform"),
    body={"flowId": "f1"},
)
REPLACE = Request(
    Operation("queues.replace", "PUT", "/api/v2/routing/queues/{id}", True, "platform"),
    path={"id": "q1"},
    body={"name": "q"},
)
FOLLOW = Request(
    Operation("flows.show", "GET", "/api/v2/flows/executions/{id}", True, "platform"),
    path={"id": "e1"},
)

OK = answers(200, {"ok": True})
HTML = answers(502, b"<html><head><title>502 Bad Gateway</title></head>", Content_Type="text/html")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
TRUNCATED = writes(HEAD + b'Content-Length: 500\r\n\r\n{"id":')
GARBAGE = answers(200, b"{nonsense")
NOT_UTF8 = answers(200, b'{"a":"\xff\xfe"}')
LOGIN_PAGE = answers(200, b"<html>sign in</html>", Content_Type="text/html")
BOMB = bomb(100_000_000)
GZIP_BOMB = writes(
    HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB) + BOMB
)
ENDLESS = floods(b"x" * 65536, HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
LONG_HEADERS = writes(b"HTTP/1.1 200 OK\r\n" + b"X-A: " + b"a" * 200_000 + b"\r\n\r\n")
NOT_HTTP = writes(b"220 mail.example ESMTP\r\n")

FAULTS = [
    # fault, launch (once only), replace (idempotent), show (a read)
    ("closed after reading", writes(b""), OutcomeUnknown, OutcomeUnknown, MaxRetriesExceeded),
    ("reset after reading", writes(b"", then="reset"),
     OutcomeUnknown, OutcomeUnknown, MaxRetriesExceeded),
    ("truncated JSON", TRUNCATED, OutcomeUnknown, OutcomeUnknown, BadAnswer),
    ("invalid JSON", GARBAGE, OutcomeUnknown, OutcomeUnknown, BadAnswer),
    ("invalid UTF-8", NOT_UTF8, OutcomeUnknown, OutcomeUnknown, BadAnswer),
    ("wrong content type", LOGIN_PAGE, OutcomeUnknown, OutcomeUnknown, BadAnswer),
    ("gzip bomb", GZIP_BOMB, OutcomeUnknown, OutcomeUnknown, BadAnswer),
    ("endless body", ENDLESS, OutcomeUnknown, OutcomeUnknown, BadAnswer),
    ("endless headers", LONG_HEADERS, OutcomeUnknown, OutcomeUnknown, MaxRetriesExceeded),
    ("not HTTP", NOT_HTTP, OutcomeUnknown, OutcomeUnknown, MaxRetriesExceeded),
    ("HTML 502", HTML, OutcomeUnknown, OutcomeUnknown, MaxRetriesExceeded),
]  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "launch", "replace", "show"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS]
)
async def test_a_fault_is_named_and_only_what_may_be_repeated_is_repeated(
    fault: Behaviour, launch: type[Error], replace: type[Error], show: type[Error]
) -> None:
    for request, expected in ((LAUNCH, launch), (REPLACE, replace), (FOLLOW, show)):
        async with serving(fault) as server, calling(server.url) as caller:
            with pytest.raises(Error) as caught:
                await caller.call(request)

        assert type(caught.value) is expected
        assert caught.value.hint
        assert len(server.calls) == caught.value.attempts
        if request is LAUNCH:
            assert len(server.calls) == 1


@pytest.mark.parametrize(
    "fault",
    [writes(b""), writes(b"", then="reset"), TRUNCATED, GARBAGE, HTML],
    ids=["closed", "reset", "truncated", "garbage", "html"],
)
async def test_a_read_gets_over_a_passing_fault(fault: Behaviour) -> None:
    async with serving(fault, fault, OK) as server, calling(server.url) as caller:
        answer = await caller.call(FOLLOW)

    assert answer.body == {"ok": True}
    assert answer.attempts == len(server.calls) == 3


async def test_a_connection_reset_before_the_request_was_read_is_a_lost_answer_to_us() -> None:
    async with serving() as server, calling(server.url) as caller:
        await caller.call(FOLLOW)
        server.script = [writes(b"", then="reset")]
        with pytest.raises(OutcomeUnknown):
            await caller.call(LAUNCH)

    assert len([seen for seen in server.calls if seen.method == "POST"]) == 1


async def test_a_refused_connection_was_never_written_so_that_even_a_launch_is_tried_again() -> (
    None
):
    async with serving() as server, calling(server.url) as caller:
        await caller.call(FOLLOW)  # has its token
        gone = server.url
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        nowhere = f"http://127.0.0.1:{free.getsockname()[1]}"

    async with calling(nowhere) as caller:
        with pytest.raises(MaxRetriesExceeded, match="cannot be reached") as caught:
            await caller.call(LAUNCH)

    assert gone != nowhere
    assert caught.value.attempts == 0


async def test_a_name_that_does_not_exist_is_said_to_be_the_reason() -> None:
    async with calling("http://no-such-host.invalid") as caller:
        with pytest.raises(NetworkError, match=r"no-such-host\.invalid cannot be resolved"):
            await caller.call(LAUNCH)


async def test_a_redirect_is_not_followed_and_the_token_stays_here() -> None:
    async with serving() as elsewhere:
        moved = answers(307, None, Location=f"{elsewhere.url}/steal")
        async with serving(moved) as server, calling(server.url) as caller:
            with pytest.raises(BadAnswer, match="redirects are not followed"):
                await caller.call(LAUNCH)

    assert elsewhere.seen == []
    assert len(server.calls) == 1


async def test_a_rate_limit_and_a_busy_platform_are_waited_for_even_by_a_launch() -> None:
    limited = answers(429, {"message": "slow"}, Retry_After="7")
    busy = answers(503, {"message": "busy"}, Retry_After="3")
    async with serving(limited, busy, limited, OK) as server, calling(server.url) as caller:
        answer = await caller.call(LAUNCH)
        waited = caller.clock.monotonic()

    assert answer.attempts == len(server.calls) == 4
    assert 17.0 <= waited < 25.0


async def test_a_daily_quota_gives_up_at_once_and_says_until_when() -> None:
    quota = answers(429, {"message": "daily"}, Retry_After="36000")
    async with serving(quota) as server, calling(server.url) as caller:
        with pytest.raises(RateLimited, match="holds until 2023-11-15T08:13:20"):
            await caller.call(LAUNCH)

    assert len(server.calls) == 1


async def test_a_poll_that_sees_429_200_and_503_in_turn_goes_on() -> None:
    limited = answers(429, {"message": "Retry the request in [2] seconds"})
    busy = answers(503, b"<html>", Content_Type="text/html")
    async with serving(*[limited, OK, busy] * 5, OK) as server, calling(server.url) as caller:
        answered = [await caller.call(FOLLOW) for _ in range(6)]

    assert sum(answer.attempts for answer in answered) == 16


async def test_an_answer_up_to_the_limit_is_read_and_one_byte_more_is_not() -> None:
    fits = b'"' + b"x" * 998 + b'"'
    async with (
        serving(answers(200, fits), answers(200, fits + b" ")) as server,
        calling(server.url, answer_limit_bytes=1000) as caller,
    ):
        assert len((await caller.call(FOLLOW)).body) == 998
        with pytest.raises(BadAnswer, match="larger than the limit of 1000 bytes"):
            await caller.call(FOLLOW)


async def test_error_bodies_of_any_kind_are_kept_with_the_error() -> None:
    async with (
        serving(
            answers(400, {"message": "no", "code": "bad.request", "contextId": "c9"}),
            answers(500, b"\xff\x00<html>", Content_Type="text/html"),
            answers(500, b""),
        ) as server,
        calling(server.url) as caller,
    ):
        for expected in (
            {"message": "no", "code": "bad.request", "contextId": "c9"},
            {"raw": "\ufffd\x00<html>"},
            None,
        ):
            with pytest.raises(ApiError) as caught:
                await caller.call(LAUNCH)
            assert caught.value.body == expected


async def test_the_platforms_correlation_id_is_kept_and_ours_sent() -> None:
    async with (
        serving(answers(200, {}, ININ_Correlation_Id="theirs"), answers(200, {})) as server,
        calling(server.url) as caller,
    ):
        first = await caller.call(FOLLOW, correlation_id="mine")
        second = await caller.call(FOLLOW)

    assert first.correlation_id == "theirs"
    assert server.calls[0].headers["inin-correlation-id"] == "mine"
    assert second.correlation_id == server.calls[1].headers["inin-correlation-id"]


async def test_an_id_cannot_change_the_path() -> None:
    async with serving() as server, calling(server.url) as caller:
        await caller.call(Request(FOLLOW.operation, path={"id": "../../users/me?x=1#y"}))

    assert server.calls[0].target == ("/api/v2/flows/executions/..%2F..%2Fusers%2Fme%3Fx%3D1%23y")


async def test_secrets_are_in_no_error() -> None:
    secret_body = answers(401, {"error": "invalid_client", "description": "no"})
    async with serving() as server, calling(server.url) as caller:
        server.token = [secret_body]
        with pytest.raises(Error) as caught:
            await caller.call(LAUNCH)

    error: BaseException | None = caught.value
    while error is not None:
        assert "hush" not in f"{error!r} {vars(error)}"
        error = error.__cause__ or error.__context__


async def test_nothing_is_left_of_the_deadline_then_nothing_is_sent() -> None:
    async with serving() as server, calling(server.url) as caller:
        with pytest.raises(DeadlineExceeded):
            await caller.call(LAUNCH, timeout=0.0)

    assert server.seen == []


async def test_fifty_calls_share_the_pool_without_waiting_for_four_connections() -> None:
    everyone = asyncio.Event()

    async def behave(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Seen
    ) -> bool:
        if len(server.calls) == 50:
            everyone.set()
        await everyone.wait()
        return await OK(reader, writer, seen)

    async with serving(behave) as server, calling(server.url, connections=100) as caller:
        answered = await asyncio.gather(*(caller.call(FOLLOW) for _ in range(50)))

    assert len(answered) == 50


async def test_connections_are_kept_and_used_again() -> None:
    async with serving() as server, calling(server.url) as caller:
        for _ in range(20):
            await caller.call(FOLLOW)

    assert server.connections == 1
