"""Every character of a scalar is found where it stands in the file, whatever the scalar's style."""

import pytest

from tieline.rules.document import read_document
from tieline.rules.model import Position
from tieline.rules.scalar_place import excerpt, scalar_place

STYLES = [
    ("plain", "a: n gt 1 and m eq 2\n"),
    ("plain over lines", "a: n gt 1\n   and m eq 2\n\n   or k eq 3\n"),
    ("plain over lines with tabs before them", "a: n gt 1\n \t  and m eq 2\n"),
    ("plain with carriage returns", "a: n gt 1\r\n   and m eq 2\r\n\r\n   or k eq 3\r\n"),
    ("single quotes", "a: 'n eq \"x\" and m eq 2'\n"),
    ("single quotes doubled", "a: 'n eq \"it''s\" and ''k'' eq '''\n"),
    ("single quotes over lines", "a: 'n gt 1\n\n   and ''m'' eq 2'\n"),
    ("double quotes", 'a: "n gt 1 and m eq 2"\n'),
    ("double quotes over lines", 'a: "n gt 1\n   and m eq 2\n\n  or k eq 3"\n'),
    ("double quotes over lines that end in a backslash", 'a: "n gt 1 \\\n   and m\\\n    eq 2"\n'),
    ("literal", "a: |\n  n gt 1\n  and m eq 2\n\n  or k eq 3\n"),
    ("literal, further in", "a: |-\n      n gt 1\n        and m eq 2\n"),
    ("folded", "a: >-\n  n gt 1\n  and m eq 2\n\n  or k eq 3\n"),
    ("folded, a part further in", "a: >-\n  n gt 1\n    and m eq 2\n\n\n  or k eq 3\n"),
    ("literal with a tab further in", "a: |-\n  n gt 1\n  \tand m eq 2\n"),
    ("literal with carriage returns", "a: |\r\n  n gt 1\r\n  and m eq 2\r\n"),
    ("other letters", "a: 'größe eq \"ü\" and 😀 eq ''é'' or m eq 2'\n"),
]


@pytest.mark.parametrize("source", [row[1] for row in STYLES], ids=[row[0] for row in STYLES])
def test_a_character_stands_where_the_file_has_it(source: str) -> None:
    document = read_document(source)
    node = document.root.get("a")
    assert node is not None
    text = str(node.scalar)
    place = scalar_place(document.source, node, "rules[0].when")
    lines = document.source.split("\n")

    found = ""
    for offset, character in enumerate(text):
        at = place(offset)
        assert at.path == "rules[0].when"
        assert at.line is not None
        assert at.column is not None
        found += lines[at.line - 1][at.column - 1] if not character.isspace() else character

    assert found == text
    places = [(at.line, at.column) for at in map(place, range(len(text) + 1))]
    assert places == sorted(places)


def test_an_escape_stands_where_its_backslash_does() -> None:
    source = r'a: "x\"y\\z\u00e9\x41\n\U0001F600!"'
    node = read_document(source).root.get("a")
    assert node is not None
    place = scalar_place(source, node, "p")

    assert node.scalar == 'x"y\\zéA\n😀!'
    columns = [place(offset).column for offset in range(10)]
    assert [source[(column or 0) - 1 :][:2] for column in columns] == [
        "x\\", '\\"', "y\\", "\\\\", "z\\", "\\u", "\\x", "\\n", "\\U", '!"',
    ]  # fmt: skip


def test_the_end_of_a_scalar_has_a_place_and_nothing_is_behind_it() -> None:
    for source, end in (("a: n gt", 8), ("a: 'n gt'", 9), ('a: "n gt"', 9)):
        node = read_document(source).root.get("a")
        assert node is not None
        place = scalar_place(source, node, "p")
        assert place(4) == Position("p", 1, end)
        if source.endswith(("'", '"')):
            assert place(99) == Position("p", 1, end)


def test_without_a_file_an_offset_is_a_column_of_the_text() -> None:
    node = read_document("x").root
    node.line = node.column = None

    assert scalar_place("", node, "p")(4) == Position("p", None, 5)


LINES = ["first", "\tsecond line", "x" * 60 + "here" + "y" * 200]
EXCERPTS = [
    (Position("", 1, 1), "first\n^"),
    (Position("", 1, 3), "first\n  ^"),
    (Position("", 2, 2), " second line\n ^"),
    (Position("", 3, 61), f"{'x' * 60}here{'y' * 36}\n{' ' * 60}^"),
    (Position("", 3, 62), f"{'x' * 59}here{'y' * 37}\n{' ' * 60}^"),
    (Position("", 4, 1), ""),
    (Position("", None, 1), ""),
    (Position("", 1, None), ""),
]


@pytest.mark.parametrize(("at", "shown"), EXCERPTS, ids=[str(n) for n in range(len(EXCERPTS))])
def test_an_excerpt_has_a_caret_under_the_place(at: Position, shown: str) -> None:
    assert excerpt(LINES, at) == shown
