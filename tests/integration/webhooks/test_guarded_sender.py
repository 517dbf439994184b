import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from tieline.calls.destination import Policy
from tieline.errors import InvalidInput, NetworkError
from tieline.http.ssrf import GuardedSender

HERE = Policy.allowing("127.0.0.1", plain_http=True)


@asynccontextmanager
async def server(answer: bytes | None) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Answers every connection with these bytes, or never; keeps what it was sent."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(65536))
        if answer is None:
            await reader.read()
        else:
            writer.write(answer)
            await writer.drain()
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield listening.sockets[0].getsockname()[1], heard


class Names:
    """A resolver that gives another answer each time it is asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        del host, port
        self.asked += 1
        return self.answers.pop(0)


async def test_it_connects_to_the_address_that_was_judged_and_asks_once() -> None:
    names = Names(["127.0.0.1"], ["169.254.169.254"])
    async with server(b"HTTP/1.1 204 No Content\r\n\r\n") as (port, heard):
        sender = GuardedSender(HERE, resolve=names)
        answer = await sender.send("POST", f"http://hook.example:{port}/in?a=b", {}, b"{}")

    assert (answer.status, names.asked) == (204, 1)
    assert heard[0].startswith(b"POST /in?a=b HTTP/1.1\r\n")
    assert f"Host: hook.example:{port}".encode() in heard[0]


async def test_a_name_that_changes_to_an_inner_address_is_refused_at_its_second_use() -> None:
    names = Names(["127.0.0.1"], ["10.0.0.1"])
    async with server(b"HTTP/1.1 204 No Content\r\n\r\n") as (port, heard):
        sender = GuardedSender(HERE, resolve=names)
        await sender.send("POST", f"http://hook.example:{port}/", {}, b"{}")
        with pytest.raises(InvalidInput, match=r"resolves to 10\.0\.0\.1"):
            await sender.send("POST", f"http://hook.example:{port}/", {}, b"{}")

    assert len(heard) == 1


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/", "https://[::1]/", "https://localhost/", "https://2130706433/",
     "https://0x7f.1/", "https://127.1/"],
)  # fmt: skip
async def test_inner_addresses_are_refused_in_every_spelling(url: str) -> None:
    with pytest.raises((InvalidInput, NetworkError)):
        await GuardedSender(Policy()).send("POST", url, {}, b"{}")


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/x\r\nContent-Length: 0\r\n\r\n"
    async with server(moved) as (port, heard):
        answer = await GuardedSender(HERE).send("POST", f"http://127.0.0.1:{port}/", {}, b"{}")

    assert answer.status == 302
    assert len(heard) == 1


async def test_a_receiver_that_never_answers_is_given_up() -> None:
    async with server(None) as (port, _):
        sender = GuardedSender(HERE, timeout=0.05)
        with pytest.raises(NetworkError, match="no answer within"):
            await sender.send("POST", f"http://127.0.0.1:{port}/", {}, b"{}")


async def test_a_closed_port_is_a_network_error() -> None:
    async with server(b"") as (port, _):
        pass
    with pytest.raises(NetworkError):
        await GuardedSender(HERE).send("POST", f"http://127.0.0.1:{port}/", {}, b"{}")


async def test_a_large_answer_is_not_read() -> None:
    large = b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n" + b"x" * 100_000
    async with server(large) as (port, _):
        answer = await GuardedSender(HERE).send("POST", f"http://127.0.0.1:{port}/", {}, b"{}")

    assert len(answer.body) <= 4096
