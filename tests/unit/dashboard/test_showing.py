import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.dashboard.showing import (
    LONGEST_DOCUMENT,
    counted,
    document,
    milliseconds,
    moment,
    number,
    record_time,
    span,
    visible,
)

HIDDEN = [
    ("right-to-left override", "\u202e"),
    ("isolate", "\u2066"),
    ("zero width space", "\u200b"),
    ("byte order mark", "\ufeff"),
    ("line separator", "\u2028"),
    ("null", "\x00"),
    ("escape", "\x1b"),
    ("delete", "\x7f"),
    ("soft hyphen", "\u00ad"),
    ("tag letter", "\U000e0041"),
    ("lone surrogate", "\ud800"),
    ("private use", "\ue000"),
]


@pytest.mark.parametrize(("name", "character"), HIDDEN, ids=[name for name, _ in HIDDEN])
def test_what_cannot_be_seen_is_written_out(name: str, character: str) -> None:
    assert visible(f"a{character}b") == f"a⟨U+{ord(character):04X}⟩b"


@pytest.mark.parametrize("text", ["Müller", "日本語", "שלום", "مرحبا", "Ελλάδα", "a b-c_d/e", "🙂"])
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_a_long_text_is_cut_and_says_how_long_it_is() -> None:
    shown = visible("x" * 1_000_000)

    assert shown == "x" * 200 + "… (1,000,000 characters)"


def test_a_letter_under_a_tower_of_marks_keeps_a_few_of_them() -> None:
    assert visible("a" + "\u0301" * 100) == "a" + "\u0301" * 4


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_nothing_invisible_gets_through(text: str) -> None:
    shown = visible(text, most=50)

    categories = {unicodedata.category(character) for character in shown}
    assert not categories & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(json_values)
def test_any_json_is_laid_out(value: Any) -> None:
    assert document(value).encode()


def test_a_small_document_is_shown_whole_and_can_be_read_again() -> None:
    value = {"a": [1, 2.5, None, True], "b": {"c": "é"}}

    assert json.loads(document(value)) == value


def test_a_document_that_is_long_wide_and_deep_is_cut_and_says_so() -> None:
    deep: Any = "end"
    for _ in range(900):
        deep = [deep]
    value = {"long": "x" * 10**6, "wide": list(range(10**5)), "deep": deep,
             "many": {str(n): n for n in range(1000)}}  # fmt: skip

    shown = document(value)

    assert len(shown) < LONGEST_DOCUMENT + 100
    assert "1,000,000 characters" in shown
    assert "99,800 more" in shown
    assert "a list of 1" in shown
    assert "800 more" in shown


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "0 s"), (59, "59 s"), (125, "2 min 05 s"), (3_700, "1 h 01 min"), (200_000, "2 d 7 h"),
     (-5, "0 s")],
)  # fmt: skip
def test_a_span_has_its_two_largest_units(seconds: float, said: str) -> None:
    assert span(seconds) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.85, "850 µs"), (12.34, "12.3 ms"), (456.7, "457 ms"), (1240, "1.24 s"),
     (125_000, "2 min 05 s")],
)  # fmt: skip
def test_a_latency_has_three_digits(value: float, said: str) -> None:
    assert milliseconds(value) == said


def test_numbers_and_moments() -> None:
    assert [number(12345.0), number(215.4), number(3.25)] == ["12,345", "215", "3.2"]
    assert [counted(999, 1000), counted(1000, 1000)] == ["999", "1,000+"]
    assert moment(1_700_000_000.9) == "2023-11-14 22:13:20"
    assert moment(None) == ""
    assert record_time("2026-01-31T12:00:00.123Z") == "2026-01-31 12:00:00"
    assert record_time({"not": "a time"}) == "{'not': 'a time'}"
