from collections import Counter

from tieline.rules.simulation.tally import MOST_SAMPLES, Tally

ONE = Tally(
    rules=2,
    records=3,
    invalid=1,
    matched=[1, 2],
    won=[1, 1],
    lost=Counter({(1, 0): 1}),
    nanoseconds=[5, 6],
    moved=Counter({("a", "b"): 1}),
    elsewhere={("a", "b")},
    samples={("a", "b"): [(1, "x"), (7, "y")]},
    invalid_rows=[(2, "p")],
    by_hour=Counter({("h", 0): 1}),
)
TWO = Tally(
    rules=2,
    records=4,
    invalid=2,
    matched=[10, 20],
    won=[3, 4],
    lost=Counter({(1, 0): 2, (0, 1): 1}),
    nanoseconds=[50, 60],
    moved=Counter({("a", "b"): 2, (None, "b"): 1}),
    elsewhere={(None, "b")},
    samples={("a", "b"): [(0, "w")], (None, "b"): [(9, "z")]},
    invalid_rows=[(0, "q")],
    by_hour=Counter({("h", 0): 2, ("i", 1): 1}),
)


def test_two_tallies_add_up_to_one_over_the_records_of_both() -> None:
    both = ONE + TWO

    assert both == Tally(
        rules=2,
        records=7,
        invalid=3,
        matched=[11, 22],
        won=[4, 5],
        lost=Counter({(1, 0): 3, (0, 1): 1}),
        nanoseconds=[55, 66],
        moved=Counter({("a", "b"): 3, (None, "b"): 1}),
        elsewhere={("a", "b"), (None, "b")},
        samples={("a", "b"): [(0, "w"), (1, "x"), (7, "y")], (None, "b"): [(9, "z")]},
        invalid_rows=[(0, "q"), (2, "p")],
        by_hour=Counter({("h", 0): 3, ("i", 1): 1}),
    )
    assert both == TWO + ONE


def test_a_new_tally_counts_nothing() -> None:
    empty = Tally(rules=2)

    assert (empty.matched, empty.won, empty.nanoseconds) == ([0, 0], [0, 0], [0, 0])
    assert empty + ONE == ONE


def test_the_earliest_samples_and_problems_are_kept() -> None:
    rows = [(number, "x") for number in range(MOST_SAMPLES)]
    late = Tally(rules=0, samples={("a", "b"): [(99, "y")]}, invalid_rows=[(99, "y")])
    early = Tally(rules=0, samples={("a", "b"): rows}, invalid_rows=rows)

    both = late + early

    assert both.samples == {("a", "b"): rows}
    assert both.invalid_rows == rows
