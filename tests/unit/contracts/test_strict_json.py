import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.contracts.strict_json import DEEPEST, parse_json
from tieline.errors import InvalidInput

texts = st.text(st.characters(exclude_categories=["Cs"]))
scalars = st.none() | st.booleans() | st.integers() | texts
values = st.recursive(
    scalars | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=30,
)


@given(values, st.booleans(), st.sampled_from([None, 2]))
def test_what_python_writes_is_read_back(
    value: object, ascii_only: bool, indent: int | None
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert parse_json(text) == value
    assert parse_json(text.encode()) == value


@given(st.text() | st.text('[]{},:"\\0123456789eE+-.ntrufalsNI \n'))
def test_any_text_is_a_value_or_a_refusal_with_its_kind(text: str) -> None:
    try:
        parse_json(text)
    except InvalidInput as refused:
        assert refused.details[0]["type"]  # noqa: PT017  # either way is right, never another error


REFUSED = [
    ("duplicate key", '{"a": 1,\n "b": {"a": 2, "c": [], "a": 3}}', "duplicate_key", 2, 25),
    ("duplicate by escape", '{"a": 1, "\\u0061": 2}', "duplicate_key", 1, 10),
    ("NaN", "[1,\n NaN]", "not_a_number", 2, 2),
    ("NaN after a text that says so", '["NaN", NaN]', "not_a_number", 1, 9),
    ("Infinity", '{"a": -Infinity}', "not_a_number", 1, 7),
    ("beyond a double", "[1e999]", "number_too_large", 1, 2),
    ("too many digits", "9" * 5000, "number_too_large", None, None),
    ("deep", "[" * (DEEPEST + 1), "too_deep", 1, DEEPEST + 1),
    ("very deep", "[" * 10_000 + "]" * 10_000, "too_deep", 1, DEEPEST + 1),
    ("half a pair", '["ok",\n "\\uD800"]', "lone_surrogate", 2, 3),
    ("half a pair as key", '{"\\udc00": 1}', "lone_surrogate", 1, 3),
    ("byte order mark", "\ufeff{}", "byte_order_mark", 1, 1),
    ("not UTF-8", b'{"a":\n "\xff"}', "invalid_utf8", 2, 3),
    ("single quotes", "{'a': 1}", "json_invalid", 1, 2),
    ("two documents", "{} {}", "json_invalid", 1, 4),
    ("empty", "", "json_invalid", 1, 1),
    ("control character", '"a\tb"', "json_invalid", 1, 3),
    ("never closed", '"' + '\\"' * 500_000, "json_invalid", 1, 1),
]  # fmt: skip


@pytest.mark.parametrize("case", REFUSED, ids=[case[0] for case in REFUSED])
def test_what_is_not_strict_json_is_refused_at_its_place(
    case: tuple[str, str | bytes, str, int | None, int | None],
) -> None:
    _, text, kind, line, column = case
    with pytest.raises(InvalidInput) as caught:
        parse_json(text, what="--input")
    detail = caught.value.details[0]
    assert (detail["type"], detail["line"], detail["column"]) == (kind, line, column)


def test_a_whole_pair_and_deep_but_allowed_nesting_are_read() -> None:
    assert parse_json('"\\ud83d\\ude00"') == "\U0001f600"
    parse_json("[" * DEEPEST + "]" * DEEPEST)


def test_brackets_inside_texts_are_not_nesting() -> None:
    assert parse_json(json.dumps("[" * 1000)) == "[" * 1000


def test_a_large_text_is_read() -> None:
    assert parse_json(json.dumps({"a": "x" * 1_000_000})) == {"a": "x" * 1_000_000}
