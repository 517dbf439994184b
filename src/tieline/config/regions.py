"""Regions of the platform by AWS name and domain, as the official SDK lists them."""

import difflib
from dataclasses import dataclass

from tieline.errors import ConfigInvalid


@dataclass(frozen=True, slots=True)
class Region:
    """One region; `aws` is the name people choose it by, `domain` the one its hosts end in."""

    aws: str
    domain: str

    @property
    def api_url(self) -> str:
        """Where API calls go."""
        return f"https://api.{self.domain}"

    @property
    def login_url(self) -> str:
        """Where token requests go."""
        return f"https://login.{self.domain}"


REGIONS = (
    Region("us-east-1", "mypurecloud.com"),
    Region("us-east-2", "use2.us-gov-pure.cloud"),  # government
    Region("us-west-2", "usw2.pure.cloud"),
    Region("ca-central-1", "cac1.pure.cloud"),
    Region("sa-east-1", "sae1.pure.cloud"),
    Region("mx-central-1", "mxc1.pure.cloud"),
    Region("eu-west-1", "mypurecloud.ie"),
    Region("eu-west-2", "euw2.pure.cloud"),
    Region("eu-central-1", "mypurecloud.de"),
    Region("eu-central-2", "euc2.pure.cloud"),
    Region("eusc-de-east-1", "edee1.eusc-pure.cloud"),
    Region("me-central-1", "mec1.pure.cloud"),
    Region("ap-south-1", "aps1.pure.cloud"),
    Region("ap-northeast-1", "mypurecloud.jp"),
    Region("ap-northeast-2", "apne2.pure.cloud"),
    Region("ap-northeast-3", "apne3.pure.cloud"),
    Region("ap-southeast-1", "apse1.pure.cloud"),
    Region("ap-southeast-2", "mypurecloud.com.au"),
)
_BY_WORD = {word: region for region in REGIONS for word in (region.aws, region.domain)}


def find_region(text: str, *, source: str = "region") -> Region:
    """The region a person meant: an AWS name, a domain, an SDK name (`us_east_1`) or a host.

    `https://api.mypurecloud.ie`, `login.mypurecloud.ie` and `apps.mypurecloud.ie` name the domain.

    Raises:
        ConfigInvalid: no such region; the hint names the nearest ones.
    """
    word = _bare(text)
    found = _BY_WORD.get(word) or _BY_WORD.get(word.replace("_", "-"))
    if found is not None:
        return found
    near = difflib.get_close_matches(word.replace("_", "-"), _BY_WORD, n=3, cutoff=0.5)
    offer = f"did you mean {', '.join(near)}?" if near else f"one of {', '.join(_AWS_NAMES)}"
    raise ConfigInvalid(f"{source}: {text!r} is not a region", hint=offer)


_AWS_NAMES = tuple(region.aws for region in REGIONS)
_HOST_PREFIXES = ("api.", "login.", "apps.")


def _bare(text: str) -> str:
    word = text.strip().lower().removeprefix("https://").rstrip("/").split("/")[0]
    for prefix in _HOST_PREFIXES:
        word = word.removeprefix(prefix)
    return word
