import pytest

from tieline.dashboard.access import (
    SESSION_SECONDS,
    Access,
    is_known_host,
    is_loopback_host,
    is_session,
    is_token,
    may_look,
    new_session,
)
from tieline.secret import Secret

TOKEN = "correct-horse-battery"
LOCAL = Access(b"k" * 32)
OPEN = Access(b"k" * 32, Secret(TOKEN), names=("Ops.example.org",), loopback=False)

HOSTS = [
    ("its address", "127.0.0.1:8090", True, True),
    ("without a port", "127.0.0.1", True, True),
    ("six", "[::1]:8090", True, True),
    ("by name", "localhost:9000", True, True),
    ("another address", "10.1.2.3:8090", False, True),
    ("a name that was allowed", "ops.example.org", False, True),
    ("the same with the root's dot", "OPS.example.org.:8090", False, True),
    ("a name an attacker resolves to here", "evil.example:8090", False, False),
    ("one that begins like ours", "localhost.evil.example", False, False),
    ("one that begins like an address", "127.0.0.1.evil.example:8090", False, False),
    ("none", "", False, False),
    ("nonsense", "[::1", True, True),
    ("several colons", "a:b:c", False, False),
]


@pytest.mark.parametrize(
    ("header", "local", "wide"), [row[1:] for row in HOSTS], ids=[row[0] for row in HOSTS]
)
def test_only_requests_for_known_names_are_answered(header: str, local: bool, wide: bool) -> None:
    if header != "ops.example.org":
        assert is_known_host(LOCAL, header) is local
    assert is_known_host(OPEN, header) is wide


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("127.8.8.8", True),
     ("0.0.0.0", False), ("::", False), ("10.0.0.1", False), ("ops.example.org", False)],  # noqa: S104  # the point
)  # fmt: skip
def test_loopback_is_what_no_other_machine_reaches(host: str, loopback: bool) -> None:
    assert is_loopback_host(host) is loopback


def test_without_a_token_everybody_who_reaches_it_may_look_and_nothing_is_a_token() -> None:
    assert may_look(LOCAL, authorization="", cookie="", now=0.0)
    assert not is_token(LOCAL, "")


@pytest.mark.parametrize("wrong", ["", TOKEN[:-1], TOKEN.upper(), TOKEN + "x", "\ud800"])
def test_a_wrong_token_is_none(wrong: str) -> None:
    assert not is_token(OPEN, wrong)
    assert not may_look(OPEN, authorization=f"Bearer {wrong}", cookie="", now=0.0)


def test_the_token_lets_a_program_in_and_a_session_a_person() -> None:
    session = new_session(OPEN, now=1000.0)

    assert may_look(OPEN, authorization=f"bearer {TOKEN}", cookie="", now=0.0)
    assert may_look(OPEN, authorization="", cookie=session, now=1000.0)
    assert TOKEN not in session


def test_a_session_ends_after_its_time_with_the_process_and_when_it_is_changed() -> None:
    session = new_session(OPEN, now=1000.0)
    until, _, signature = session.partition(".")

    assert not is_session(OPEN, session, now=1000.0 + SESSION_SECONDS)
    assert not is_session(Access(b"z" * 32, Secret(TOKEN)), session, now=1000.0)
    assert not is_session(OPEN, f"{int(until) + 1}.{signature}", now=1000.0)
    for forged in (
        "",
        ".",
        until,
        f"{until}.",
        f"-1.{signature}",
        f"{until}.é",
        f"\u0661.{signature}",
    ):
        assert not is_session(OPEN, forged, now=1000.0)
