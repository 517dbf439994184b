import json
from pathlib import Path

import pytest

import mutation
from mutation import Score


@pytest.mark.parametrize(
    ("patterns", "asked"),
    [
        ([], True),
        (["verify/space"], True),
        (["verify/space.py"], True),
        (["verify/*"], True),
        (["evaluate", "verify/s*"], True),
        (["space"], False),
        (["verify"], False),
    ],
)
def test_a_file_is_asked_for_by_its_name_below_rules(patterns: list[str], asked: bool) -> None:
    assert mutation.wanted("verify/space", patterns) is asked


def test_a_sample_is_the_same_each_time_and_about_as_large_as_asked() -> None:
    names = [f"tieline.rules.check.x_f__mutmut_{number}" for number in range(10_000)]

    drawn = [name for name in names if mutation.drawn(name, 20, 7)]

    assert drawn == [name for name in names if mutation.drawn(name, 20, 7)]
    assert 1_900 < len(drawn) < 2_100
    assert drawn != [name for name in names if mutation.drawn(name, 20, 8)]
    assert all(mutation.drawn(name, 100, 7) for name in names)
    assert not any(mutation.drawn(name, 0, 7) for name in names)


def test_what_was_noticed_stands_and_what_survived_is_tried_again() -> None:
    codes = {"noticed": 1, "timeout": 24, "survived": 0, "no tests": 33, "new": None, "left": 34}
    every = frozenset(codes)

    assert mutation.ordered(codes, every) == {
        "noticed": 1, "timeout": 24, "survived": None, "no tests": None, "new": None, "left": None,
    }  # fmt: skip
    assert mutation.ordered(codes, frozenset()) == {
        "noticed": 1, "timeout": 24, "survived": 34, "no tests": 34, "new": 34, "left": 34,
    }  # fmt: skip


def test_a_score_counts_what_was_chosen_and_tried() -> None:
    codes = {"a": 1, "b": 0, "c": 33, "d": None, "e": 1}

    score = mutation.score("check", codes, frozenset("abcd"))

    assert score == Score("check", mutants=5, tried=3, noticed=1)
    assert round(score.percent) == 33
    assert Score("empty", 0, 0, 0).percent == 100


def test_a_file_counts_in_the_whole_by_its_mutants_however_many_were_tried() -> None:
    scores = [Score("a", 300, 300, 300), Score("b", 100, 10, 5)]

    assert mutation.overall(scores) == 87.5
    assert mutation.table(scores)["rows"] == [
        ["a", "300", "300", "300", "100.0 %"],
        ["b", "100", "10", "5", "50.0 %"],
        ["all", "400", "310", "305", "87.5 %"],
    ]


def test_what_was_recorded_is_read_back() -> None:
    scores = [Score("a", 1_300, 1_300, 1_200), Score("verify/b", 100, 10, 5)]

    assert mutation.recorded(mutation.table(scores)) == scores


def test_the_score_that_is_told_is_the_one_that_is_asked_for() -> None:
    path = Path(__file__).resolve().parents[3] / "benchmarks" / "results" / "mutation.json"
    document = json.loads(path.read_text(encoding="utf-8"))

    scores = mutation.recorded(document)

    assert mutation.table(scores) == document
    assert mutation.overall(scores) >= 85
