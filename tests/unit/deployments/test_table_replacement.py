"""Which of several tables a rule set's rules belong in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.deployments.table_replacement import (
    LONGEST_NAME,
    FoundTable,
    current_table,
    described,
    free_name,
    replaced_by,
    searched_name,
)


def table(
    name: str, at: str, *, replaces: str | None = None, published: int | None = 1
) -> FoundTable:
    return FoundTable(at, name, described("Deployed by Tieline, 0f", replaces), published)


OLD = table("calls", "a")
CHAINS = [
    ("none", [], None),
    ("the only one", [OLD], "a"),
    ("one that holds the name only", [table("all calls", "b"), table("calls (2)", "c")], None),
    ("its replacement", [OLD, table("calls (2)", "b", replaces="a")], "b"),
    ("one that is not published yet", [OLD, table("calls (2)", "b", replaces="a", published=None)],
     "a"),
    ("one of another table", [OLD, table("calls (2)", "b", replaces="z")], "a"),
    ("a replacement of a replacement",
     [table("calls (3)", "c", replaces="b"), table("calls (2)", "b", replaces="a"), OLD], "c"),
    ("one whose predecessors are deleted", [table("calls (3)", "c", replaces="b")], "c"),
    ("the higher of two that two machines made",
     [OLD, table("calls (3)", "c", replaces="a"), table("calls (2)", "b", replaces="a")], "c"),
    ("an unpublished one of its own name", [table("calls", "a", published=None)], "a"),
    ("a ring",
     [table("calls (2)", "b", replaces="c"), table("calls (3)", "c", replaces="b")], None),
]  # fmt: skip


@pytest.mark.parametrize(("found", "expected"), [c[1:] for c in CHAINS], ids=[c[0] for c in CHAINS])
def test_the_last_published_table_of_the_chain_is_current(
    found: list[FoundTable], expected: str | None
) -> None:
    for order in (found, found[::-1]):
        current = current_table("calls", order)
        assert (None if current is None else current.id) == expected


NAMES = st.text(min_size=1, max_size=LONGEST_NAME)


@given(NAMES, st.integers(0, 12))
def test_a_free_name_is_free_short_enough_and_found_again(name: str, taken: int) -> None:
    there = [name]
    for _ in range(taken):
        there.append(free_name(name, there))
    made = free_name(name, there)
    assert made.casefold() not in {each.casefold() for each in there}
    assert len(made) <= LONGEST_NAME
    assert made.startswith(searched_name(name))
    assert name.startswith(searched_name(name))
    found = [table(name, "a"), table(made, "b", replaces="a")]
    current = current_table(name, found)
    assert current is not None
    assert current.id == "b"


@given(st.uuids().map(str) | st.none())
def test_a_description_says_what_its_table_replaces(replaced: str | None) -> None:
    assert replaced_by(described("Deployed by Tieline, 0f", replaced)) == replaced
    assert replaced_by("by hand") is None
