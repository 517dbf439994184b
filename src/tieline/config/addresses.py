"""Where calls go: from a region or an address to the API's and the login's base URL."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from tieline.config.regions import find_region
from tieline.config.setting import Setting
from tieline.errors import ConfigInvalid


@dataclass(frozen=True, slots=True)
class Addresses:
    """Base URLs without a trailing slash; `region` is a domain, None for an address of its own."""

    base_url: str
    login_url: str
    region: str | None


def resolve_addresses(
    settings: Mapping[str, Setting],
    values: Mapping[str, Any],
    *,
    rank: Callable[[Setting | None], int],
) -> Addresses:
    """Choose between region and base_url: the stronger source wins, base_url where they are equal.

    Raises:
        ConfigInvalid: neither is set, the region is unknown, or an address is not one.
    """
    region, base_url = settings.get("region"), settings.get("base_url")
    allow_http = bool(values.get("allow_http", False))
    if base_url is not None and rank(base_url) <= rank(region):
        found = _own_address(base_url, allow_http=allow_http)
    elif region is not None:
        known = find_region(values["region"], source=region.source)
        found = Addresses(known.api_url, known.login_url, known.domain)
    else:
        raise ConfigInvalid(
            "neither a region nor a base_url is configured",
            hint="`tieline init` writes tieline.toml, or set TIELINE_REGION=eu-west-1",
        )
    login = settings.get("login_url")
    if login is None:
        return found
    return Addresses(found.base_url, check_url(login, allow_http=allow_http), found.region)


def check_url(setting: Setting, *, allow_http: bool) -> str:
    """An https address without query or credentials; http is for this machine only.

    Raises:
        ConfigInvalid: anything else; credentials inside the address are not repeated.
    """
    url = str(setting.value).strip().rstrip("/")
    parts = _split(url, setting)
    if parts.username is not None or parts.password is not None:
        raise ConfigInvalid(
            f"{setting.source}: an address must not hold credentials",
            hint="set client_id and client_secret instead",
        )
    if parts.query or parts.fragment:
        raise ConfigInvalid(f"{setting.source}: {url!r} has a query or fragment")
    if parts.scheme == "http" and not allow_http and not is_loopback(parts.hostname or ""):
        raise ConfigInvalid(
            f"{setting.source}: {url!r} would send the token in clear",
            hint="use https, or set allow_http = true in the profile if that is what you want",
        )
    return url


def is_loopback(host: str) -> bool:
    """True for localhost and for literal addresses of this machine; names are not looked up."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _own_address(setting: Setting, *, allow_http: bool) -> Addresses:
    """The login host follows the SDK's rule: `api.` becomes `login.`, else the same host."""
    url = check_url(setting, allow_http=allow_http)
    return Addresses(url, url.replace("://api.", "://login.", 1), None)


def _split(url: str, setting: Setting) -> SplitResult:
    parts = None
    with suppress(ValueError):  # urlsplit and .port refuse malformed addresses
        split = urlsplit(url)
        if split.scheme in {"http", "https"} and split.hostname and split.port != 0:
            parts = split
    if parts is None:
        raise ConfigInvalid(
            f"{setting.source}: expected an address like https://api.mypurecloud.ie"
        )
    return parts
