from decimal import Decimal
from typing import Any

import pytest

from tieline.errors import InvalidInput
from tieline.rules.record_json import read_record

READ: list[tuple[str, str | bytes, Any]] = [
    ("exact decimals", '{"n": 0.10}', {"n": Decimal("0.10")}),
    ("thousands of digits", f'{{"n": {"7" * 5_000}}}', {"n": Decimal("7" * 5_000)}),
    ("large exponents", '{"n": 1e999999999}', {"n": Decimal("1e999999999")}),
    ("a byte order mark", b'\xef\xbb\xbf{"s": "x"}', {"s": "x"}),
]


@pytest.mark.parametrize(("data", "record"), [row[1:] for row in READ], ids=[r[0] for r in READ])
def test_a_record_is_read_as(data: str | bytes, record: Any) -> None:
    assert read_record(data) == record


REFUSED: list[tuple[str, str | bytes, str]] = [
    ("a name twice", '{"s": "a", "s": "b"}', 'the name "s" stands twice'),
    ("a name twice further in", '{"o": {"s": 1, "s": 2}}', 'the name "s" stands twice'),
    ("an exponent of twenty digits", '{"n": 1e99999999999999999999}', "beyond all use"),
    ("NaN", '{"n": NaN}', "NaN is not a JSON number"),
    ("not UTF-8", b'{"s": "\xff"}', "not UTF-8"),
    ("too deep", '{"a": ' + "[" * 100_000, "nested too deep"),
    ("no object", "[]", "not a JSON object"),
]


@pytest.mark.parametrize(
    ("data", "message"), [row[1:] for row in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_a_record_is_refused(data: str | bytes, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read_record(data)


def test_what_is_no_json_is_refused_with_an_example() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_record("{")

    assert caught.value.message.startswith("the record is not JSON: Expecting property name")
    assert caught.value.hint == """--record '{"language": "en"}'"""
