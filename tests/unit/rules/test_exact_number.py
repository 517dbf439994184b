from decimal import Decimal

import pytest

from tieline.rules.exact_number import Number, is_whole, number_from_text

WHOLE: list[tuple[str, Number, bool]] = [
    ("an int", 5, True),
    ("a point and nothing behind it", Decimal("5.000"), True),
    ("zero of a large exponent", Decimal("0e-9999"), True),
    ("an exponent", Decimal("1e400"), True),
    ("a half", Decimal("0.5"), False),
    ("less than its digits", Decimal("12e-5"), False),
    ("one at the five thousandth place", Decimal("1." + "0" * 5_000 + "1"), False),
]


@pytest.mark.parametrize(("number", "whole"), [r[1:] for r in WHOLE], ids=[r[0] for r in WHOLE])
def test_whole_is_judged_by_value(number: Number, *, whole: bool) -> None:
    assert is_whole(number) is whole


@pytest.mark.parametrize("text", ["1e99999999999999999999", "-1e-99999999999999999999", "1e99999"])
def test_an_exponent_beyond_the_limit_is_no_number(text: str) -> None:
    assert number_from_text(text) is None
