from hypothesis import given
from hypothesis import strategies as st

from tieline.audit.difference import Difference, differences

LOG = [b"%d" % place for place in range(20)]


def test_equal_logs_have_no_difference() -> None:
    assert differences(LOG, list(LOG)) == []


def test_an_altered_line_is_named() -> None:
    found = [*LOG[:5], b"x", *LOG[6:]]

    assert differences(LOG, found) == [Difference("altered", 5, 5)]


def test_removed_lines_are_one_difference() -> None:
    assert differences(LOG, LOG[:5] + LOG[8:]) == [Difference("removed", 5, 5, count=3)]


def test_lines_missing_at_the_end_are_removed() -> None:
    assert differences(LOG, LOG[:15])[0].expected == 15
    assert differences(LOG, LOG[:15])[0].count == 5


def test_an_inserted_line_is_named_by_where_it_stands() -> None:
    assert differences(LOG, [*LOG[:5], b"x", *LOG[5:]]) == [Difference("inserted", 5, 5)]


def test_a_repeated_line_is_an_inserted_one() -> None:
    assert differences(LOG, [*LOG[:5], LOG[2], *LOG[5:]]) == [Difference("inserted", 5, 5)]


def test_of_two_swapped_lines_one_moved() -> None:
    found = list(LOG)
    found[4], found[9] = found[9], found[4]

    changed = differences(LOG, found)
    assert {d.change for d in changed} == {"reordered"}
    assert {d.expected for d in changed} == {4, 9}


def test_a_line_moved_far_away_is_the_only_one_reported() -> None:
    found = LOG[:3] + LOG[4:17] + [LOG[3]] + LOG[17:]

    assert differences(LOG, found) == [Difference("reordered", 3, 16)]


def test_several_changes_are_told_apart() -> None:
    found = [LOG[0], b"x", *LOG[2:6], *LOG[8:12], b"y", *LOG[12:]]

    assert differences(LOG, found) == [
        Difference("altered", 1, 1),
        Difference("removed", 6, 6, count=2),
        Difference("inserted", 12, 10),
    ]


@given(st.lists(st.sampled_from([*LOG, b"x", b"y"]), max_size=30))
def test_any_two_different_logs_have_a_difference(found: list[bytes]) -> None:
    assert bool(differences(LOG, found)) == (found != LOG)


@given(st.sets(st.integers(0, 19)), st.sets(st.integers(0, 19)))
def test_the_difference_accounts_for_every_line(gone: set[int], changed: set[int]) -> None:
    found = [
        b"x%d" % place if place in changed else line
        for place, line in enumerate(LOG)
        if place not in gone
    ]

    told = differences(LOG, found)
    missing = sum(d.count for d in told if d.change in {"removed", "altered"})
    extra = sum(d.count for d in told if d.change in {"inserted", "altered"})
    assert missing == len(gone | changed)
    assert extra == len(changed - gone)
