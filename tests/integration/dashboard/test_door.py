"""Who gets in, under which name, and what every answer carries."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from dashboards import Address, dashboard

from tieline.dashboard.access import COOKIE, Access
from tieline.secret import Secret

TOKEN = "correct-horse-battery"
LOCKED = Access(b"k" * 32, Secret(TOKEN), names=("ops.example.org",), loopback=False)
PATHS = ("/", "/runs", "/audit", "/rules", "/webhooks", "/activity", "/live/", "/metrics",
         "/audit/0/proof.json", "/audit/0", "/nothing")  # fmt: skip


@pytest.fixture
def free(tmp_path: Path) -> Iterator[Address]:
    with dashboard(tmp_path) as address:
        yield address


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Address]:
    with dashboard(tmp_path, access=LOCKED) as address:
        yield address


def test_a_name_that_somebody_had_resolved_to_this_machine_is_not_answered(free: Address) -> None:
    for path in (*PATHS, "/health", "/static/dashboard.js", "/login"):
        answer = free.get(path, host="evil.example:8090")
        assert answer.status == 421
        assert "Tieline" not in answer.text


def test_every_answer_forbids_what_a_page_does_not_need(free: Address) -> None:
    for path in (*PATHS, "/health", "/static/dashboard.js", "/static/none.js", "/login"):
        for host in ("127.0.0.1", "evil.example"):
            headers = free.get(path, host=host).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert "server" not in headers


def test_pages_are_not_kept_by_browsers_and_assets_are(free: Address) -> None:
    page = free.get("/")
    script = page.text.partition('<script src="')[2].partition('"')[0]

    assert page.headers["cache-control"] == "no-store"
    assert "immutable" in free.get(script).headers["cache-control"]
    assert free.get("/static/dashboard.js?v=other").headers["cache-control"] == "no-cache"


def test_nothing_of_the_package_is_served_but_the_assets(free: Address) -> None:
    for name in (
        "../app.py",
        "..%2fapp.py",
        "%2e%2e/app.py",
        "vendor/vendored.json",
        "",
        "/etc/passwd",
    ):
        assert free.get(f"/static/{name}").status in {400, 404}


def test_only_reading_is_offered(free: Address) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for path in ("/", "/runs", "/audit", "/rules", "/webhooks", "/activity", "/live/"):
            assert free.send(method, path).status == 405


def test_without_the_token_a_person_is_asked_for_it_and_a_program_is_told(locked: Address) -> None:
    for path in PATHS:
        person = locked.get(path, accept="text/html")
        assert person.status == 303
        assert person.headers["location"].startswith("/login?then=%2F")
        program = locked.get(path)
        assert (program.status, program.headers["www-authenticate"]) == (401, "Bearer")
        assert "panel" not in program.text
    news = locked.get("/live/", accept="text/html", hx_request="true")
    assert news.status == 401
    assert locked.get("/health").status == 200


def test_a_scraper_presents_the_token_itself(locked: Address) -> None:
    assert locked.get("/metrics", authorization=f"Bearer {TOKEN}").status == 200
    assert locked.get("/metrics", authorization="Bearer wrong-horse-battery").status == 401


def test_the_form_begins_a_session_that_scripts_and_other_sites_do_not_get(locked: Address) -> None:
    refused = locked.send("POST", "/login", "token=wrong&then=%2Fruns")
    entered = locked.send("POST", "/login", f"token={TOKEN}&then=%2Fruns%3Fbelow%3D3")

    assert (refused.status, "set-cookie" in refused.headers) == (403, False)
    assert (entered.status, entered.headers["location"]) == (303, "/runs?below=3")
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert TOKEN not in cookie
    session = cookie.partition(";")[0]
    assert locked.get("/", cookie=session).status == 200
    assert locked.get("/", cookie=f"{COOKIE}=forged").status == 401
    left = locked.send("POST", "/logout", cookie=session)
    assert 'tieline_dashboard=""' in left.headers["set-cookie"]


@pytest.mark.parametrize(
    "then", ["//evil.example/", "https://evil.example/", "/\\evil.example", "/a\r\nx: y", ""]
)
def test_the_form_leads_nowhere_else(locked: Address, then: str) -> None:
    entered = locked.send("POST", "/login", f"token={TOKEN}&then={quote(then)}")

    assert entered.headers["location"] == "/"


def test_a_form_that_is_no_form_is_refused(locked: Address) -> None:
    for body in ("token=" + "x" * 100_000, "&" * 4000, "\x00=\x00", f"x={TOKEN}"):
        assert locked.send("POST", "/login", body).status in {400, 403}
