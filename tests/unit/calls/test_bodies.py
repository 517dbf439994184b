import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.calls.bodies import RAW_BYTES, Unreadable, decode, decode_error, encode
from tieline.errors import InvalidInput

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)  # fmt: skip


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@given(JSON_VALUES)
def test_every_json_value_is_written_as_json(value: Any) -> None:
    assert json.loads(encode(value)) == value


@given(JSON_VALUES)
def test_every_json_value_is_read_as_it_was_written(value: Any) -> None:
    read = decode(json.dumps(value).encode(), "application/json")

    assert (read, json.dumps(read)) == (value, json.dumps(value))


CYCLE: list[Any] = []
CYCLE.append(CYCLE)
REFUSED = [
    ("NaN", {"a": float("nan")}),
    ("NaN beside a null", {"a": None, "b": [float("nan")]}),
    ("infinity in a list", [1, [float("-inf")]]),
    ("a key that is no text", {1: 2}),
    ("a lone surrogate", {"a": "\ud800"}),
    ("bytes", {"a": b"x"}),
    ("a set", {"a": {1}}),
    ("a date", {"a": dt.date(2026, 1, 31)}),
    ("too deep", nested(10_000)),
    ("too deep around a large integer", [nested(10_000), 2**70]),
    ("a cycle", CYCLE),
]


@pytest.mark.parametrize("value", [r[1] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_what_is_no_json_is_refused_before_anything_is_sent(value: Any) -> None:
    with pytest.raises(InvalidInput):
        encode(value)


def test_a_null_stays_a_null() -> None:
    assert encode({"a": None, "b": "null"}) == b'{"a":null,"b":"null"}'


def test_integers_beyond_64_bits_are_written_exactly() -> None:
    assert encode({"n": 2**70}) == b'{"n":1180591620717411303424}'


READABLE = [
    ("json", b'{"a":1}', "application/json", {"a": 1}),
    ("with a charset", b"[1]", "application/json; charset=utf-8", [1]),
    ("a problem document", b'{"a":1}', "application/problem+json", {"a": 1}),
    ("no content type", b"{}", "", {}),
    ("nothing", b"", "text/html", None),
    ("null", b"null", "application/json", None),
    ("plain text", b"hello", "text/plain; charset=utf-8", {"raw": "hello"}),
]


@pytest.mark.parametrize(
    ("body", "kind", "value"), [r[1:] for r in READABLE], ids=[r[0] for r in READABLE]
)
def test_an_answer_is_read_by_its_content_type(body: bytes, kind: str, value: Any) -> None:
    assert decode(body, kind) == value


UNREADABLE = [
    ("truncated", b'{"a":', "application/json"),
    ("garbage", b"\x00\x01", "application/json"),
    ("invalid UTF-8", b'{"a":"\xff"}', "application/json"),
    ("NaN", b'{"a":NaN}', "application/json"),
    ("html", b"<html>login</html>", "text/html"),
    ("json under another name", b"{}", "text/html"),
    ("too deep", b"[" * 100_000, "application/json"),
]


@pytest.mark.parametrize(
    ("body", "kind"), [r[1:] for r in UNREADABLE], ids=[r[0] for r in UNREADABLE]
)
def test_an_answer_that_is_not_what_it_says_is_unreadable(body: bytes, kind: str) -> None:
    with pytest.raises(Unreadable):
        decode(body, kind)


def test_an_error_page_is_kept_up_to_4_kib() -> None:
    page = b"<html>" + b"x" * 100_000

    assert decode_error(page) == {"raw": page[:RAW_BYTES].decode()}


@given(st.binary(max_size=200))
def test_no_error_body_breaks_the_reading(body: bytes) -> None:
    decode_error(body)
