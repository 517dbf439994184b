"""Scripts and styles of the pages: in the package, named by what is in them, kept by browsers."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

_KINDS = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".txt": "text/plain",
    ".svg": "image/svg+xml",
}
NAMES = (
    "dashboard.css",
    "dashboard.js",
    "icon.svg",
    "vendor/htmx.min.js",
    "vendor/htmx.LICENSE.txt",
    "vendor/uPlot.iife.min.js",
    "vendor/uPlot.min.css",
    "vendor/uPlot.LICENSE.txt",
)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file; `version` changes with its content."""

    content: bytes
    kind: str
    version: str


@cache
def assets() -> Mapping[str, Asset]:
    """All of them by name, read once."""
    folder = files("tieline.dashboard") / "static"
    found = {}
    for name in NAMES:
        content = folder.joinpath(*name.split("/")).read_bytes()
        kind = _KINDS["." + name.rpartition(".")[2]]
        found[name] = Asset(content, kind, hashlib.sha256(content).hexdigest()[:16])
    return MappingProxyType(found)


def address(name: str) -> str:
    """Where a page asks for an asset."""
    return f"/static/{name}?v={assets()[name].version}"
