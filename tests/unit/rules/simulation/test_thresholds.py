"""Columns of machine numbers are compared with exact literals as exact numbers are."""

from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import Any

import numpy as np
import pytest

from tieline.rules.exact_number import Number, exact
from tieline.rules.simulation.thresholds import compare_doubles, compare_integers

OPERATORS = {"eq": eq, "neq": ne, "gt": gt, "gte": ge, "lt": lt, "lte": le}
INTEGERS: list[tuple[Any, list[int]]] = [
    (np.int8, [-128, -1, 0, 1, 2, 127]),
    (np.int64, [-(2**63), -5, 0, 5, 2**63 - 1]),
]
DOUBLES = [-1e300, -2.5, -0.1, 0.0, 0.1, 0.1 + 2**-56, 2.5, 1e300]
LITERALS: list[Number] = [
    0, 1, -1, 127, 128, -128, -129, 2**63, -(2**63), -(2**63) - 1, 10**400, -(10**400),
    Decimal("0.1"), Decimal("0.10000000000000000001"), Decimal("0.09999999999999999999"),
    Decimal("-0.1"), Decimal("2.5"), Decimal("-2.5"), Decimal("1E+300"), Decimal("1E+999"),
    Decimal("-1E+999"), Decimal("1E+308"), Decimal("2E+308"), Decimal("-2E+308"), Decimal("0E+999"),
]  # fmt: skip


@pytest.mark.parametrize("literal", LITERALS, ids=[f"{n}" for n in range(len(LITERALS))])
@pytest.mark.parametrize("operator", OPERATORS)
def test_numbers_compare_by_value(operator: str, literal: Number) -> None:
    for kind, numbers in INTEGERS:
        found = compare_integers(np.array(numbers, dtype=kind), operator, literal)
        assert found.tolist() == [OPERATORS[operator](one, literal) for one in numbers]
    found = compare_doubles(np.array(DOUBLES), operator, literal)
    assert found.tolist() == [OPERATORS[operator](exact(one), literal) for one in DOUBLES]
