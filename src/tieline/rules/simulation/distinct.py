"""The distinct values of a coded column, and which of them satisfy a condition.

A truth table is made once for a condition and completed when values are added: comparing costs
once a distinct value, whatever the number of records.
"""

# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions when it is imported.

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tieline.rules.model import Condition
from tieline.rules.simulation.bitmap import Flags
from tieline.types import Json

Holds = Callable[[Condition, Json], bool]


class DistinctValues(Protocol):
    """What a coded column's codes stand for."""

    def __len__(self) -> int:
        """How many there are."""
        ...

    def truth(self, condition: Condition, holds: Holds) -> Flags:
        """Which of them satisfy the condition."""
        ...

    def value(self, code: int) -> Json:
        """The value of a code."""
        ...


class Values:
    """Any JSON values, in the order they were met; compared one by one by the interpreter.

    null may stand among them, for records that hold nothing; it satisfies no comparison.
    """

    __slots__ = ("_codes", "_truth", "_values")

    def __init__(self) -> None:
        self._values: list[Json] = []
        self._codes: dict[Any, int] = {}
        self._truth: dict[Condition, Flags] = {}

    def __len__(self) -> int:
        return len(self._values)

    def value(self, code: int) -> Json:
        """The value of a code."""
        return self._values[code]

    def code(self, value: Json) -> int:
        """The code of a value, a new one if it was not met before."""
        # true and 1 are equal keys and different values
        key = (bool, value) if isinstance(value, bool) else value
        code = self._codes.get(key)
        if code is None:
            code = self._codes[key] = len(self._values)
            self._values.append(value)
        return code

    def truth(self, condition: Condition, holds: Holds) -> Flags:
        """Which of them satisfy the condition; only values met since the last time are compared."""
        known = self._truth.get(condition)
        have = 0 if known is None else len(known)
        if known is None or have < len(self._values):
            fresh = np.array(
                [v is not None and holds(condition, v) for v in self._values[have:]], dtype=np.bool_
            )
            known = fresh if known is None else np.concatenate([known, fresh])
            self._truth[condition] = known
        return known


class Texts:
    """Texts in an Arrow dictionary; all of them are compared in one vectorised call."""

    __slots__ = ("_truth", "texts")

    def __init__(self, texts: pa.Array) -> None:
        self.texts = texts
        self._truth: dict[Condition, Flags] = {}

    def __len__(self) -> int:
        return len(self.texts)

    def same_as(self, other: DistinctValues) -> bool:
        """Whether the other's codes stand for the same texts."""
        return isinstance(other, Texts) and bool(self.texts.equals(other.texts))

    def value(self, code: int) -> Json:
        """The text of a code."""
        return self.texts[code].as_py()

    def truth(self, condition: Condition, holds: Holds) -> Flags:
        """Which of them satisfy the condition; RE2 on both sides, so patterns mean the same."""
        known = self._truth.get(condition)
        if known is None:
            found = self._compared(condition)
            if found is None:
                texts = self.texts.to_pylist()
                known = np.array([holds(condition, text) for text in texts], dtype=np.bool_)
            else:
                known = found.to_numpy(zero_copy_only=False)
            self._truth[condition] = known
        return known

    def _compared(self, condition: Condition) -> Any:
        literal = str(condition.value)
        match condition.operator:
            case "eq":
                return pc.equal(self.texts, literal)
            case "neq":
                return pc.not_equal(self.texts, literal)
            case "contains":
                return pc.match_substring(self.texts, literal)
            case "regex":
                return pc.match_substring_regex(self.texts, literal)
            case _:
                return None
