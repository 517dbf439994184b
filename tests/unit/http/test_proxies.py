import pytest

from tieline.http.proxies import proxy_for

NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*NAMES, *(n.upper() for n in NAMES)):
        monkeypatch.delenv(name, raising=False)


def test_without_a_name_in_the_environment_there_is_none() -> None:
    assert proxy_for("https://api.example") is None


@pytest.mark.parametrize(
    ("name", "origin"),
    [("HTTPS_PROXY", "https://api.example"), ("http_proxy", "http://api.example"),
     ("ALL_PROXY", "https://api.example")],
)  # fmt: skip
def test_the_usual_names_are_read(monkeypatch: pytest.MonkeyPatch, name: str, origin: str) -> None:
    monkeypatch.setenv(name, "http://proxy.example:3128")

    proxy = proxy_for(origin)

    assert proxy is not None
    assert proxy.url == "http://proxy.example:3128"
    assert proxy.headers() == {}


def test_credentials_leave_the_url_and_are_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:hu%40sh@proxy.example:3128")

    proxy = proxy_for("https://api.example")

    assert proxy is not None
    assert proxy.url == "http://proxy.example:3128"
    assert proxy.headers() == {"Proxy-Authorization": "Basic bWU6aHVAc2g="}
    assert "sh" not in repr(proxy)


def test_what_no_proxy_names_is_reached_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "api.example,.intern")

    assert proxy_for("https://api.example") is None
    assert proxy_for("https://a.intern") is None
    assert proxy_for("https://other.example") is not None


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8089", "[::1]:8089"])
def test_this_machine_is_always_reached_directly(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")

    assert proxy_for(f"http://{host}") is None
