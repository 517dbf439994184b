from decimal import Decimal
from typing import Any

import pytest

from tieline.errors import InvalidInput, LimitExceeded
from tieline.rules.document import (
    LARGEST_FILE_BYTES,
    decode,
    json_from_node,
    node_from_json,
    read_document,
)

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
)

READINGS: list[tuple[str, str, Any]] = [
    ("JSON", '{"a": [1, 2.50, true, null, "x"]}', {"a": [1, Decimal("2.50"), True, None, "x"]}),
    ("tabs in JSON", '{\n\t"a":\t1\n}', {"a": 1}),
    ("Norway is text", "a: no", {"a": "no"}),
    ("a time is text", "a: 12:30", {"a": "12:30"}),
    ("an octal look-alike is text", "a: 010", {"a": "010"}),
    ("quoted numbers are text", "a: '5'", {"a": "5"}),
    ("exact decimals", "a: 0.1000000000000000055", {"a": Decimal("0.1000000000000000055")}),
    ("big integers", f"a: {2**200}", {"a": 2**200}),
    ("surrogate pairs of JSON", '{"a": "\\ud83d\\ude00"}', {"a": "😀"}),
    ("CRLF", "a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
    ("a byte order mark", "\ufeffa: 1", {"a": 1}),
    ("an alias", "a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
]


@pytest.mark.parametrize(
    ("text", "expected"), [row[1:] for row in READINGS], ids=[row[0] for row in READINGS]
)
def test_a_document_is_read_as(text: str, expected: Any) -> None:
    assert json_from_node(read_document(text).root) == expected


REFUSED = [
    ("empty", "", "empty"),
    ("blank", "\n# nothing\n", "empty"),
    ("a tab", "a:\n\t- 1", "line 2, column 1"),
    ("a repeated key", "a: 1\nb: 2\na: 3", "line 3, column 1: the key 'a' stands twice"),
    ("a tag", "a: !!python/object:os.system x", "tags are not allowed"),
    ("a harmless tag", "a: !!str 5", "tags are not allowed"),
    ("two documents", "a: 1\n---\nb: 2", "a second document"),
    ("an unknown alias", "a: *x", "names nothing complete"),
    ("a value inside itself", "a: &x [*x]", "names nothing complete"),
    ("a bomb", BOMB, "too many values"),
    ("a key that is a list", "[1]: 2", "a key must be text"),
    ("an open bracket", "a: [1", "line 2"),
    ("a control character", "a: \x07", "line 1, column 4: it holds the character U.0007"),
    ("one further down", "ä: 1\nb: é\x1b", "line 2, column 5: it holds the character U.001B"),
    ("a tower of brackets", "[" * 30_000, "nested more than 25,000 levels deep"),
]


@pytest.mark.parametrize(
    ("text", "message"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_document_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read_document(text)


def test_a_hundred_megabytes_are_refused_before_they_are_parsed() -> None:
    with pytest.raises(LimitExceeded):
        decode(b"x" * (LARGEST_FILE_BYTES + 1))


def test_what_is_not_utf8_is_refused() -> None:
    with pytest.raises(InvalidInput, match="byte 3"):
        decode(b"a: \xff")


def test_nesting_of_any_depth_is_read_without_recursion() -> None:
    root = read_document("[" * 10_000 + "]" * 10_000).root

    assert root.weight == 10_000


def test_json_of_any_depth_becomes_nodes_without_recursion() -> None:
    value: Any = 1
    for _ in range(10_000):
        value = [value]

    assert node_from_json(value).items is not None


def told(text: str) -> tuple[str, str, Any]:
    with pytest.raises(InvalidInput) as caught:
        read_document(text)
    return caught.value.message, caught.value.hint, list(caught.value.details)


def test_a_refusal_has_its_place_in_the_sentence_and_in_the_details() -> None:
    message, _, details = told("a: 1\nb:\n  - 2\n  - !x 3")

    assert message == (
        "this cannot be read as a rule file at line 4, column 5: "
        "tags are not allowed in a rule file: !x"
    )
    assert details == [
        {
            "loc": [],
            "type": "syntax",
            "message": "tags are not allowed in a rule file: !x",
            "line": 4,
            "column": 5,
        }
    ]


def test_what_yaml_cannot_begin_with_is_told_to_stand_in_quotes() -> None:
    for text in ("a:\n\t- 1", "a: @b"):
        message, hint, _ = told(text)
        assert "found character that cannot start any token" in message
        assert hint == "YAML indents with spaces; a tab or one of @ ` % needs quotes"


def test_an_empty_file_and_one_of_another_encoding_are_told_what_to_do() -> None:
    assert told("# nothing")[:2] == ("the rule file is empty", "see `tieline rules check --help`")
    with pytest.raises(InvalidInput) as caught:
        decode(b"a: \xff")
    assert caught.value.message == "the rule file is not UTF-8: byte 3 does not fit"
    assert caught.value.hint == "save it as UTF-8"
    with pytest.raises(LimitExceeded) as large:
        decode(b"x" * (LARGEST_FILE_BYTES + 1))
    assert large.value.message == (
        "the rule file has 33,554,433 bytes, more than the 33,554,432 allowed"
    )
    assert large.value.hint == "split it into one file a queue"
    assert len(decode(b"x" * LARGEST_FILE_BYTES)) == LARGEST_FILE_BYTES


def test_a_value_json_does_not_have_becomes_no_node() -> None:
    for value, message in (
        ({1: 2}, "a key must be text, not int"),
        ([{1}], "set is not a JSON value"),
    ):
        with pytest.raises(InvalidInput) as caught:
            node_from_json(value)
        assert caught.value.message == message


def test_parsed_json_becomes_nodes_and_back() -> None:
    value = {"a": [1, 2.5, True, None, "x", {}], "b": (), "c": Decimal("0.10")}

    assert json_from_node(node_from_json(value)) == {
        "a": [1, Decimal("2.5"), True, None, "x", {}],
        "b": [],
        "c": Decimal("0.10"),
    }


def test_every_node_knows_where_it_begins() -> None:
    root = read_document("a: 1\nbc:\n  - x\n  - {d: 'y'}\n").root

    assert root.pairs is not None
    (a, one), (bc, items) = root.pairs
    assert [(node.line, node.column) for node in (root, a, one, bc, items)] == [
        (1, 1), (1, 1), (1, 4), (2, 1), (3, 3),
    ]  # fmt: skip
    assert items.items is not None
    x, inner = items.items
    assert [(node.line, node.column) for node in (x, inner)] == [(3, 5), (4, 5)]
    y = inner.get("d")
    assert y is not None
    assert (y.line, y.column, y.end - y.start) == (4, 9, 3)
    assert inner.get("e") is None


WORDS: list[tuple[str, Any]] = [
    ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None), ("nUll", "nUll"),
    ("true", True), ("True", True), ("TRUE", True), ("false", False), ("False", False),
    ("FALSE", False), ("yes", "yes"), ("0", 0), ("-5", -5), ("5x", "5x"), ("-", "-"), ("+5", "+5"),
    ("9e2", Decimal("9e2")), (".5", ".5"),
]  # fmt: skip


@pytest.mark.parametrize(("word", "value"), WORDS, ids=[row[0] or "empty" for row in WORDS])
def test_a_plain_word_is_what_the_core_schema_says(word: str, value: Any) -> None:
    document = read_document(f"a: {word}\nb: 1") if word != "-" else read_document("{a: '-', b: 1}")

    found = json_from_node(document.root)["a"]
    assert found == value
    assert type(found) is type(value)
