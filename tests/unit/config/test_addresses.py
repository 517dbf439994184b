import pytest

from tieline.config.addresses import check_url, is_loopback
from tieline.config.setting import Setting
from tieline.errors import ConfigInvalid

REFUSED = [
    ("in clear", "http://api.example.com", "in clear"),
    ("no scheme", "api.example.com", "expected an address"),
    ("another scheme", "ftp://api.example.com", "expected an address"),
    ("no host", "https://", "expected an address"),
    ("bad port", "https://a:99999", "expected an address"),
    ("port zero", "https://a:0", "expected an address"),
    ("bad brackets", "https://[::1", "expected an address"),
    ("a query", "https://a/?x=1", "query"),
    ("looks like loopback", "http://127.0.0.1.example.com", "in clear"),
    ("a private address is another machine", "http://192.168.0.1", "in clear"),
]


@pytest.mark.parametrize(("url", "message"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_an_unusable_address_is_refused(url: str, message: str) -> None:
    with pytest.raises(ConfigInvalid, match=message):
        check_url(Setting(url, "argument base_url"), allow_http=False)


def test_credentials_in_an_address_are_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigInvalid) as caught:
        check_url(Setting("https://me:hunter2@a.example", "x"), allow_http=False)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://localhost:1", "http://127.0.0.1", "http://[::1]:80", "https://a.example/x"]
)
def test_loopback_may_be_http_and_the_rest_is_https(url: str) -> None:
    assert check_url(Setting(url + "/", "x"), allow_http=False) == url


def test_http_elsewhere_is_allowed_when_the_profile_says_so() -> None:
    assert check_url(Setting("http://a.example", "x"), allow_http=True) == "http://a.example"


def test_loopback_is_told_without_looking_names_up() -> None:
    assert is_loopback("emulator.localhost")
    assert is_loopback("127.9.9.9")
    assert not is_loopback("example.com")
