from hypothesis import given
from hypothesis import strategies as st

from tieline.runs.matching import SKEW_SECONDS, Matches, Sending, Trace, match

SENT = 1_000_000.0


def sending(text: bytes = b"{}", since: float | None = SENT) -> Sending:
    return Sending(text, since, seconds=120.0)


def trace(name: str, text: bytes = b"{}", at: float | None = SENT + 1) -> Trace:
    return Trace(name, text, at)


def test_the_one_invocation_of_an_items_input_is_its_own() -> None:
    wanted = {1: sending(b"1"), 2: sending(b"2"), 3: sending(b"3")}

    matches = match(wanted, [], [trace("b", b"2"), trace("a", b"1"), trace("x", b"9")])

    assert matches == Matches({1: "a", 2: "b"}, frozenset())


def test_one_of_long_before_or_long_after_is_not_the_items() -> None:
    before = trace("before", at=SENT - SKEW_SECONDS - 1)
    after = trace("after", at=SENT + 120 + SKEW_SECONDS + 1)

    assert match({1: sending()}, [], [before, after]) == Matches({}, frozenset())


def test_two_that_fit_one_item_settle_nothing() -> None:
    matches = match({1: sending()}, [], [trace("a"), trace("b")])

    assert matches == Matches({}, frozenset({1}))


def test_one_that_fits_two_items_settles_neither() -> None:
    matches = match({1: sending(), 2: sending()}, [], [trace("a")])

    assert matches == Matches({}, frozenset({1, 2}))


def test_one_that_something_else_may_have_made_settles_nothing() -> None:
    assert match({1: sending()}, [sending()], [trace("a")]).ambiguous == {1}
    assert match({1: sending()}, [sending(since=None)], [trace("a")]).ambiguous == {1}
    assert match({1: sending()}, [sending(since=SENT - 1e6)], [trace("a")]).found == {1: "a"}


def test_one_whose_time_is_not_told_settles_nothing() -> None:
    assert match({1: sending()}, [], [trace("a", at=None)]) == Matches({}, frozenset({1}))


_INPUTS = st.sampled_from([b"1", b"2", b"3"])
_TIMES = st.one_of(st.none(), st.floats(SENT - 400, SENT + 400))


@given(
    st.dictionaries(st.integers(1, 9), st.builds(sending, _INPUTS, _TIMES)),
    st.lists(st.builds(sending, _INPUTS, _TIMES), max_size=3),
    st.lists(st.tuples(_INPUTS, _TIMES), max_size=9),
)
def test_no_invocation_is_given_to_two_items_and_none_to_one_it_does_not_fit(
    wanted: dict[int, Sending], rivals: list[Sending], told: list[tuple[bytes, float | None]]
) -> None:
    traces = [trace(str(number), *each) for number, each in enumerate(told)]

    matches = match(wanted, rivals, traces)

    assert len(set(matches.found.values())) == len(matches.found)
    assert not matches.ambiguous & matches.found.keys()
    for key, execution_id in matches.found.items():
        (mine,) = [each for each in traces if wanted[key].may_have_made(each)]
        assert mine.execution_id == execution_id
        assert not any(rival.may_have_made(mine) for rival in rivals)
