"""SQL by name, from the files beside this one; a file's comment above each says why it is so."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_HEAD = re.compile(r"^-- (?P<name>[a-z_]+): .+$", re.MULTILINE)
_HINT = re.compile(r"/\*(?P<engine>[a-z]+) (?P<hint>.+?)\*/")
_PLACE = re.compile(r"(?<!:):([a-z][a-z0-9_]*)")


@cache
def load_statements(engine: str) -> Mapping[str, str]:
    """The common statements and those of one engine (`sqlite`, `postgres`), by name.

    A comment `/*engine text*/` becomes its text for that engine, and nothing for others.

    Raises:
        ValueError: two statements of one name.
    """
    found: dict[str, str] = {}
    for name in ("common", engine):
        text = (files("tieline.store.ledger") / "sql" / f"{name}.sql").read_text("utf-8")
        heads = list(_HEAD.finditer(text))
        ends = [head.start() for head in heads[1:]] + [len(text)]
        for head, end in zip(heads, ends, strict=True):
            if head["name"] in found:
                raise ValueError(f"two statements named {head['name']}")
            sql = text[head.end() : end].strip().rstrip(";")
            found[head["name"]] = _HINT.sub(lambda m: _hint(m, engine), sql)
    return found


def _hint(match: re.Match[str], engine: str) -> str:
    return match["hint"] if match["engine"] == engine else ""


def with_percent_places(sql: str) -> str:
    """The same statement with psycopg's placeholders; `::` casts stay."""
    return _PLACE.sub(r"%(\1)s", sql.replace("%", "%%"))
