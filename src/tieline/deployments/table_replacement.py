"""Which decision table holds a rule set's rules, where one was replaced by another.

A published table's columns are fixed, so rules that need other columns get a table beside it:
`name (2)`, whose description names the id of the table it takes over from. The chain of those is
followed from the table of the rule set's own name, so that any machine finds the same one.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LONGEST_NAME = 100

_SUFFIX = re.compile(r" \((\d+)\)\Z")
_REPLACES = re.compile(r"; replaces decision table (\S+)\Z")


@dataclass(frozen=True, slots=True)
class FoundTable:
    """What a listing says of a table."""

    id: str
    name: str
    description: str
    published: int | None


def described(marker: str, replaces: str | None) -> str:
    """The description of a table that a deployment makes."""
    return marker if replaces is None else f"{marker}; replaces decision table {replaces}"


def replaced_by(description: str) -> str | None:
    """The id of the table that one with this description takes over from."""
    found = _REPLACES.search(description)
    return None if found is None else found[1]


def searched_name(name: str) -> str:
    """A part of the rule set's name that the names of all its tables begin with."""
    return name[: LONGEST_NAME - len(" (9999)")]


def free_name(name: str, taken: Iterable[str]) -> str:
    """The first of `name (2)`, `name (3)`, … that no table has; case does not tell names apart."""
    there = {each.casefold() for each in taken}
    number = 2
    while _numbered(name, number).casefold() in there:
        number += 1
    return _numbered(name, number)


def current_table(name: str, found: Sequence[FoundTable]) -> FoundTable | None:
    """The table that the rule set's rules belong in; None: there is none yet.

    A replacement counts once it is published; before that it is nobody's but its deployment's.
    """
    ours = [each for each in found if each.name == name or _is_replacement(each, name)]
    ids = {each.id for each in ours}
    heads = [each for each in ours if replaced_by(each.description) not in ids]
    exact = [each for each in heads if each.name == name]
    published = [each for each in heads if each.published is not None]
    current = next(iter(exact or sorted(published, key=_number)), None)
    after = {
        replaced_by(each.description): each
        for each in sorted(ours, key=_number)
        if each.published is not None
    }
    seen: set[str] = set()
    while current is not None and current.id in after and current.id not in seen:
        seen.add(current.id)
        current = after[current.id]
    return current


def _numbered(name: str, number: int) -> str:
    suffix = f" ({number})"
    return name[: LONGEST_NAME - len(suffix)] + suffix


def _is_replacement(table: FoundTable, name: str) -> bool:
    number = _number(table)
    replaces = replaced_by(table.description)
    return number > 1 and replaces is not None and table.name == _numbered(name, number)


def _number(table: FoundTable) -> int:
    found = _SUFFIX.search(table.name)
    return 1 if found is None else int(found[1])
