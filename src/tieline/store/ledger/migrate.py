"""Which schema a database has, and which steps bring it to this program's. Forward only.

A newer schema is refused: an older program cannot know what it would break.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from tieline.errors import StoreUnavailable


@dataclass(frozen=True, slots=True)
class Migration:
    """One step; `version` is that of the schema after it, from 1 without gaps."""

    version: int
    sql: str


@cache
def migrations(engine: str) -> tuple[Migration, ...]:
    """All steps of an engine in order.

    Raises:
        ValueError: a gap in the numbers of the files.
    """
    folder = files("tieline.store.ledger") / "migrations" / engine
    found = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    steps = tuple(Migration(int(name[:4]), (folder / name).read_text("utf-8")) for name in found)
    if [step.version for step in steps] != list(range(1, len(steps) + 1)):
        raise ValueError(f"migrations of {engine} are not numbered from 1 without gaps")
    return steps


def outstanding(engine: str, current: int, *, where: str) -> tuple[Migration, ...]:
    """The steps a database of schema `current` lacks; `where` names it in the refusal.

    Raises:
        StoreUnavailable: the database was made by a newer program.
    """
    steps = migrations(engine)
    if current > len(steps):
        raise StoreUnavailable(
            f"the ledger at {where} has schema {current}; this program knows {len(steps)}",
            hint="a newer tieline made it: upgrade this one, or use another --state-dir",
        )
    return steps[current:]
