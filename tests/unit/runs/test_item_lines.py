import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.errors import InvalidInput
from tieline.runs.item import NewItem, Reject
from tieline.runs.item_lines import Format, format_of, read_items


def read(
    content: bytes, form: Format = "jsonl", field: str | None = None
) -> list[NewItem | Reject]:
    return list(read_items(content.splitlines(keepends=True), form=form, reference_field=field))


def test_a_json_line_is_an_item_with_its_line_and_blank_lines_are_none() -> None:
    assert read(b'{"a":1}\n\n  \n{"a":2}') == [NewItem(1, '{"a":1}'), NewItem(4, '{"a":2}')]


def test_a_byte_order_mark_at_the_start_is_no_part_of_the_first_item() -> None:
    assert read(b'\xef\xbb\xbf{"a":1}\r\n') == [NewItem(1, '{"a":1}')]


def test_utf_16_is_refused_as_a_whole_and_says_how_to_convert_it() -> None:
    with pytest.raises(InvalidInput, match="UTF-16") as refused:
        read('{"a":1}\n'.encode("utf-16"))

    assert "iconv" in refused.value.hint


REJECTED = [
    ("another encoding", b'{"a":"caf\xe9"}', "not UTF-8"),
    ("cut off", b'{"a":', "column 6"),
    ("no object", b"[1]", "a JSON object"),
    ("twice the key", b'{"a":1,"a":2}', "a key occurs twice"),
    ("twice the key, with space", b'{"a" :1,"a" :2}', "a key occurs twice"),
    ("no number", b'{"a":NaN}', "column"),
    ("beyond a double", b'{"a":1e999}', "beyond the range"),
    ("half a surrogate pair", b'{"a":"\\ud800"}', "surrogate"),
    ("too deep", b'{"a":' * 101 + b"1" + b"}" * 101, "deeper than 100"),
    ("too large", b'{"a":"' + b"x" * 3_000_000 + b'"}', "larger than 3,000,000 bytes"),
]


@pytest.mark.parametrize(("_why", "line", "message"), REJECTED, ids=[row[0] for row in REJECTED])
def test_a_line_that_is_no_item_is_told_with_its_number(
    _why: str, line: bytes, message: str
) -> None:
    good, bad = read(b'{"a":1}\n' + line)

    assert isinstance(good, NewItem)
    assert isinstance(bad, Reject)
    assert bad.line == 2
    assert message in bad.message
    assert len(bad.raw) <= 4096


@given(
    st.lists(
        st.dictionaries(
            st.text(max_size=5),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.text(max_size=9),
                lambda inner: (
                    st.lists(inner, max_size=3)
                    | st.dictionaries(st.text(max_size=4), inner, max_size=3)
                ),
                max_leaves=6,
            ),
            max_size=4,
        ),
        max_size=5,
    )
)
def test_whatever_is_a_json_object_is_an_item_of_the_same_value(
    objects: list[dict[str, object]],
) -> None:
    content = "".join(json.dumps(value) + "\n" for value in objects).encode()

    items = read(content)

    assert [json.loads(item.text) for item in items if isinstance(item, NewItem)] == objects
    assert [item.line for item in items] == list(range(1, len(objects) + 1))


@given(st.lists(st.binary(max_size=40), max_size=6))
def test_no_bytes_whatever_raise_anything_but_a_refusal(lines: list[bytes]) -> None:
    for form in ("jsonl", "csv"):
        try:
            found = list(read_items(lines, form=form, reference_field=None))
        except InvalidInput:
            continue
        assert len(found) <= len(lines)


def test_a_csv_row_is_an_item_by_its_header_and_its_line_is_where_it_begins() -> None:
    content = b'id,note\r\n1,"two\r\nlines"\r\n\r\n2,x\r\n'

    assert read(content, "csv", "id") == [
        NewItem(2, '{"id":"1","note":"two\\r\\nlines"}', "1"),
        NewItem(5, '{"id":"2","note":"x"}', "2"),
    ]


def test_csv_rows_that_are_wrong_are_told_with_their_lines_and_the_rest_is_read() -> None:
    content = b"id,note\n1\n2,caf\xe9\n3,x,y\n4,ok\n" + b"5," + b"x" * 200_000 + b"\n6,ok\n"

    found = [(item.line, getattr(item, "message", "ok")) for item in read(content, "csv")]

    assert found == [
        (2, "1 fields; the header has 2"),
        (3, "byte 6 (0xe9) is not UTF-8"),
        (4, "3 fields; the header has 2"),
        (5, "ok"),
        (6, "a field of more than 131,072 characters; JSONL takes longer"),
        (7, "ok"),
    ]


@pytest.mark.parametrize(
    ("header", "message"),
    [(b"id,id\n", "'id' twice"), (b"id,\n", "empty column"), (b"caf\xe9\n", "not UTF-8")],
)
def test_a_header_that_names_no_fields_is_refused(header: bytes, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read(header + b"1,2\n", "csv")


def test_a_missing_reference_column_is_refused_before_any_row() -> None:
    with pytest.raises(InvalidInput, match="no column 'ref'"):
        read(b"id\n1\n", "csv", "ref")


@pytest.mark.parametrize("value", ["true", "null", '""', "1.5", "[]", json.dumps("x" * 201)])
def test_a_reference_is_a_text_or_an_integer(value: str) -> None:
    (found,) = read(f'{{"ref":{value}}}'.encode(), field="ref")

    assert isinstance(found, Reject)


def test_an_integer_reference_is_its_digits() -> None:
    (found,) = read(b'{"ref":900719925474099312345}', field="ref")

    assert isinstance(found, NewItem)
    assert found.reference == "900719925474099312345"


def test_the_name_tells_the_format() -> None:
    assert (format_of("a.JSONL"), format_of("b.csv"), format_of("-")) == ("jsonl", "csv", "jsonl")
    with pytest.raises(InvalidInput, match="items come in"):
        format_of("items.json")
