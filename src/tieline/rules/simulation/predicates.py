"""One comparison over one column of a chunk, as a bitmap of the records that satisfy it."""

from decimal import Context

import numpy as np

from tieline.rules.evaluate import Interpreter, comparable
from tieline.rules.model import Condition
from tieline.rules.simulation.bitmap import Flags, Words, empty, invert, pack, unpack
from tieline.rules.simulation.columns import (
    Coded,
    Codes,
    Column,
    Flagged,
    Listed,
    Members,
    Numbered,
)
from tieline.rules.simulation.thresholds import compare_doubles, compare_integers
from tieline.types import Json

BYTE_VALUES = 256
# An instant has up to 1,000 digits of fraction, and 28 is what Python would keep.
_EXACT = Context(prec=1_100)


class Predicates:
    """Evaluates the conditions of one checked rule set."""

    def __init__(self, interpreter: Interpreter) -> None:
        self._interpreter = interpreter

    def words(self, condition: Condition, column: Column | None, length: int) -> Words:
        """The records of a chunk that satisfy the condition; an absent column holds nothing."""
        if column is None:
            return empty(length)
        if condition.operator == "exists":
            return column.present
        match column:
            case Flagged():
                return _flagged(condition, column)
            case Numbered():
                return column.present & pack(self._numbered(condition, column))
            case Coded():
                truth = column.values.truth(condition, self._interpreter.compares)
                return column.present & pack(looked_up(column.codes, truth))
            case Listed():
                return column.present & pack(self._listed(condition, column))

    def _numbered(self, condition: Condition, column: Numbered) -> Flags:
        known = self._interpreter.types[condition.field]
        literal = comparable(known.items or known, condition.value)
        if column.scale != 1:
            literal = _EXACT.multiply(literal, column.scale)
        operator = "eq" if condition.operator == "contains" else condition.operator
        if column.numbers.dtype.kind == "f":
            return compare_doubles(column.numbers, operator, literal)
        return compare_integers(column.numbers, operator, literal)

    def _listed(self, condition: Condition, column: Listed) -> Flags:
        """A record satisfies it when one of its members does."""
        hits = self._members(condition, column.members, int(column.offsets[-1]))
        before = np.concatenate([[0], np.cumsum(hits)])
        grown = np.greater(before[column.offsets[1:]], before[column.offsets[:-1]])
        return np.asarray(grown)

    def _members(self, condition: Condition, members: Members, total: int) -> Flags:
        match members:
            case Coded():
                equal = Condition(condition.field, "eq", condition.value)  # to be a member
                truth = members.values.truth(equal, self._member_holds)
                return looked_up(members.codes, truth)
            case Numbered():
                return self._numbered(condition, members)
            case Flagged():
                return unpack(_flagged(condition, members), total)

    def _member_holds(self, condition: Condition, member: Json) -> bool:
        return self._interpreter.compares(condition, [member])


def _flagged(condition: Condition, column: Flagged) -> Words:
    wanted_true = condition.value is (condition.operator != "neq")
    return column.true if wanted_true else invert(column.true, column.present)


def looked_up(codes: Codes, truth: Flags) -> Flags:
    """`truth[codes]`, by the cheapest means: mostly the true or the false values are one run."""
    for kept in (truth, ~truth):
        places = np.flatnonzero(kept)
        if not len(places):
            return np.full(len(codes), kept is not truth, dtype=np.bool_)
        first, last = int(places[0]), int(places[-1])
        if last - first + 1 == len(places):
            return _within_run(codes, first, last, wanted=kept is truth)
    if codes.dtype == np.uint8:
        table = np.zeros(BYTE_VALUES, dtype=np.uint8)
        table[: len(truth)] = truth[:BYTE_VALUES]
        return np.frombuffer(codes.tobytes().translate(table.tobytes()), dtype=np.bool_)
    return np.asarray(truth[codes])


def _within_run(codes: Codes, first: int, last: int, *, wanted: bool) -> Flags:
    kind = codes.dtype.type
    if first == last:
        return np.asarray((np.equal if wanted else np.not_equal)(codes, kind(first)))
    wrapped = codes - kind(first)  # unsigned: what is below wraps round to the top
    return np.asarray((np.less_equal if wanted else np.greater)(wrapped, kind(last - first)))
