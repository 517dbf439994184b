import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.calls.destination import Policy, is_allowed, judge_addresses, judge_url
from tieline.errors import InvalidInput

PUBLIC = Policy()

REFUSED_URLS = [
    ("another scheme", "ftp://example.org/x"),
    ("a file", "file:///etc/passwd"),
    ("plain http", "http://example.org/x"),
    ("credentials", "https://bob:pw@example.org/"),
    ("no host", "https:///x"),
    ("a port that is none", "https://example.org:99999/"),
    ("a backslash", "https://example.org\\@evil.example/"),
    ("a line feed", "https://example.org/\nHost: evil"),
    ("nothing", ""),
]

REFUSED_ADDRESSES = [
    "127.0.0.1", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0",  # noqa: S104  # refused here, not bound to
    "255.255.255.255", "224.0.0.1", "192.0.2.7", "198.18.0.1", "240.0.0.1",
    "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "not an address",
]  # fmt: skip


@pytest.mark.parametrize(("what", "url"), REFUSED_URLS)
def test_a_url_that_may_not_be_called_is_refused(what: str, url: str) -> None:
    with pytest.raises(InvalidInput):
        judge_url(url, PUBLIC)


@pytest.mark.parametrize("address", REFUSED_ADDRESSES)
def test_an_address_inside_is_refused_even_among_public_ones(address: str) -> None:
    with pytest.raises(InvalidInput, match="not a public address"):
        judge_addresses("hook.example.org", ["93.184.215.14", address], PUBLIC)


def test_public_addresses_are_what_is_connected_to() -> None:
    found = judge_addresses("example.org", ["93.184.215.14", "2606:2800:21f:cb07::1"], PUBLIC)

    assert [str(one) for one in found] == ["93.184.215.14", "2606:2800:21f:cb07::1"]


def test_a_url_is_taken_apart_once() -> None:
    found = judge_url("https://Hook.Example.org/a?b=c", PUBLIC)

    assert (found.host, found.port, found.target) == ("hook.example.org", 443, "/a?b=c")
    assert judge_url("https://[2606:2800::1]:8443", PUBLIC).origin == "https://[2606:2800::1]:8443"


def test_a_network_is_allowed_by_name() -> None:
    policy = Policy.allowing("10.1.0.0/16", "::1", plain_http=True)

    assert judge_addresses("inside", ["10.1.2.3", "::1"], policy)
    assert judge_url("http://localhost:8089/x", policy).port == 8089
    with pytest.raises(InvalidInput):
        judge_addresses("inside", ["10.2.0.1"], policy)


def test_a_name_without_an_address_is_refused() -> None:
    with pytest.raises(InvalidInput, match="has no address"):
        judge_addresses("example.org", [], PUBLIC)


def test_a_network_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match="not a network"):
        Policy.allowing("10.0.0.1/8")


@given(st.ip_addresses(v=4))
def test_an_inner_address_is_refused_in_any_dress(address: ipaddress.IPv4Address) -> None:
    mapped = ipaddress.IPv6Address(f"::ffff:{address}")
    translated = ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) + int(address))

    if not is_allowed(address, PUBLIC):
        assert not is_allowed(mapped, PUBLIC)
        assert not is_allowed(translated, PUBLIC)
