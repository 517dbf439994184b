"""TLS against a certificate made here, and the way through a proxy."""

import asyncio
import datetime as dt
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from scripted_server import Server, answers, calling, serving

from tieline.calls.operation import Operation, Request
from tieline.clock import JumpingClock
from tieline.errors import NetworkError
from tieline.http.aiohttp_transport import AiohttpTransport
from tieline.http.caller import Caller, CallOptions
from tieline.http.credentials import Endpoint, SuppliedToken
from tieline.secret import Secret

FOLLOW = Request(Operation("flows.show", "GET", "/api/v2/flows/executions/e1", True, "platform"))
MOMENT = dt.datetime.now(dt.UTC)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1 that nobody signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "scripted")])
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(MOMENT - dt.timedelta(days=1))
        .not_valid_after(MOMENT + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


async def call_over_tls(certificate: Path, trusting: ssl.SSLContext | None) -> object:
    server = Server([answers(200, {"ok": True})])
    offering = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    offering.load_cert_chain(certificate)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=offering)
    url = f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    caller = Caller(
        Endpoint("platform", url, url),
        SuppliedToken(Secret("t")),
        transport=AiohttpTransport(ssl_context=trusting),
        clock=JumpingClock(),
        options=CallOptions(retries=0),
    )
    try:
        return (await caller.call(FOLLOW)).body
    finally:
        await caller.aclose()
        await server.all_closed()
        listening.close()


async def test_a_certificate_that_the_system_does_not_know_is_not_trusted(
    certificate: Path,
) -> None:
    with pytest.raises(NetworkError, match=r"the certificate of 127\.0\.0\.1.* is not trusted"):
        await call_over_tls(certificate, None)


async def test_a_certificate_that_is_trusted_is_used(certificate: Path) -> None:
    trusting = ssl.create_default_context(cafile=certificate)

    assert await call_over_tls(certificate, trusting) == {"ok": True}


async def test_calls_go_through_the_proxy_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("//", "//me:hush@"))
        async with calling("http://api.example") as caller:
            answer = await caller.call(FOLLOW)

    (call,) = proxy.calls
    assert answer.body == {"ok": True}
    assert call.target == "http://api.example/api/v2/flows/executions/e1"
    assert call.headers["host"] == "api.example"
    assert call.headers["proxy-authorization"] == "Basic bWU6aHVzaA=="


async def test_a_proxy_that_refuses_the_tunnel_is_named_and_the_launch_never_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    launch = Request(Operation("flows.launch", "POST", "/x", False, "platform"), body={})
    async with serving(answers(407, None)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        caller = Caller(
            Endpoint("platform", "https://api.example", "x"),
            SuppliedToken(Secret("t")),
            clock=JumpingClock(),
            options=CallOptions(retries=0),
        )
        with pytest.raises(NetworkError, match=r"the proxy on the way to api\.example") as caught:
            await caller.call(launch)
        await caller.aclose()

    assert caught.value.attempts == 0
    assert {seen.method for seen in proxy.seen} == {"CONNECT"}
    assert "authorization" not in proxy.seen[0].headers
