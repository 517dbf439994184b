"""What people look for in a log, and the terms an index finds it by.

A term is a short text about a record: `status=failed`, `id=3f1a…`, `masked_input.region=emea`. A
record matches a query only if it has all the query's terms, so an index over terms never misses
one; whether a candidate really matches is decided on the record itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tieline.types import Json

# Ids people have in hand when they ask; one term finds a record by any of them.
ID_FIELDS = ("correlation_id", "execution_id", "trace_id", "intent_id", "input_hmac")

# Different in every record and found otherwise, or the same in all of them.
_NOT_INDEXED = frozenset(
    {"log", "seq", "time", "latency_ms", "pii_masked", "code_version", "clock_behind_ms"}
)

# A record with more values than this is a candidate for every query.
_MOST_TERMS = 64
OVERFLOW = "overflow"
_LONGEST_TERM = 300


@dataclass(frozen=True, slots=True)
class Query:
    """All that is given must hold. Times are RFC 3339 in UTC, `until` excluded.

    `fields` maps a dotted path within a record to its value as text: `masked_input.region` to
    `emea`; the keys on the path may have dots themselves.
    """

    since: str | None = None
    until: str | None = None
    target: str | None = None
    status: str | None = None
    operation: str | None = None
    id: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)

    def terms(self) -> list[str]:
        """The terms a matching record has."""
        given = {"target_id": self.target, "status": self.status, "operation": self.operation}
        terms = [f"{name}={value}" for name, value in given.items() if value is not None]
        if self.id is not None:
            terms.append(f"id={self.id}")
        for path, value in self.fields.items():
            terms.append(f"id={value}" if path in ID_FIELDS else f"{path}={value}")
        indexed = [term for term in terms if term.partition("=")[0] not in _NOT_INDEXED]
        return [term[:_LONGEST_TERM] for term in indexed]

    def matches(self, members: Mapping[str, Any]) -> bool:
        """True where the record is what was asked for."""
        wanted = {"target_id": self.target, "status": self.status, "operation": self.operation}
        if any(value is not None and members.get(name) != value for name, value in wanted.items()):
            return False
        time = members["time"]
        if (self.since is not None and time < self.since) or (
            self.until is not None and time >= self.until
        ):
            return False
        if self.id is not None and not _has_id(members, self.id):
            return False
        if not self.fields:
            return True
        values = {(path, text) for path, text in _scalars("", members)}
        return all((path, text) in values for path, text in self.fields.items())


def terms_of(members: Mapping[str, Any]) -> set[str]:
    """Everything a query can find this record by."""
    terms: set[str] = set()
    for path, text in _scalars("", members):
        if path in _NOT_INDEXED:
            continue
        name = "id" if path in ID_FIELDS else path
        terms.add(f"{name}={text}"[:_LONGEST_TERM])
        if len(terms) > _MOST_TERMS:
            return {OVERFLOW}
    return terms


def _has_id(members: Mapping[str, Any], wanted: str) -> bool:
    if wanted == f"{members['log']}:{members['seq']}":
        return True
    return any(members.get(name) == wanted for name in ID_FIELDS)


def _scalars(path: str, value: Json) -> Iterator[tuple[str, str]]:
    """Every scalar with its dotted path; items of an array share the path of the array."""
    kind = type(value)
    if kind is str:
        yield path, value
    elif kind is dict:
        for name, item in value.items():
            below = f"{path}.{name}" if path else name
            if type(item) is str:  # the usual case, without a generator of its own
                yield below, item
            else:
                yield from _scalars(below, item)
    elif kind is list:
        for item in value:
            yield from _scalars(path, item)
    elif value is None or kind is bool:
        yield path, {None: "null", True: "true", False: "false"}[value]
    else:
        yield path, str(value)
