"""The same records say the same, whatever file they are kept in."""

import csv
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rule_histories import FIELDS, RECORDS, SCHEMA, counted, expected, rulesets
from sampling import examples

from tieline.errors import InvalidInput
from tieline.rules.model import And, Condition, Rule, Ruleset
from tieline.rules.simulation.question import Question
from tieline.rules.simulation.report import Simulation
from tieline.services.simulating.simulation import simulate
from tieline.store.history import json_lines

MANY = examples(150)
ODD = st.sampled_from([None, True, 1, 1.5, "text", "", [], ["a"], [1], [None], {}, {"a": 1}, 2**70])
Record = dict[str, Any]


def asked(ruleset: Ruleset, history: Path) -> Simulation:
    return simulate(Question(ruleset), history, threads=1)


def write_lines(path: Path, records: list[Any]) -> Path:
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return path


def cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def write_csv(path: Path, records: list[Record]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(FIELDS)
        writer.writerows([[cell(r.get(name)) for name in FIELDS] for r in records])
    return path


def write_parquet(path: Path, records: list[Record]) -> Path:
    pq.write_table(pa.Table.from_pylist(records, schema=SCHEMA), path, row_group_size=7)
    return path


def as_doubles(records: list[Record]) -> list[Record]:
    return [{**r, "score": float(r["score"])} if r.get("score") is not None else r for r in records]


def without_empty_texts(records: list[Record]) -> list[Record]:
    """CSV cannot tell an empty text from none."""
    return [{k: v for k, v in r.items() if v != ""} for r in records]


@MANY
@given(rulesets(), st.lists(RECORDS, min_size=1, max_size=40))
def test_json_lines_count_as_the_interpreter_says(
    tmp_path_factory: Any, ruleset: Ruleset, records: list[Record]
) -> None:
    history = write_lines(tmp_path_factory.mktemp("h") / "h.jsonl", records)

    assert counted(asked(ruleset, history).tally) == counted(expected(ruleset, records))


@MANY
@given(
    rulesets(), st.lists(st.dictionaries(st.sampled_from(sorted(FIELDS)), ODD) | ODD, min_size=1)
)
def test_json_lines_of_mixed_types_count_as_the_interpreter_says(
    tmp_path_factory: Any, ruleset: Ruleset, records: list[Any]
) -> None:
    history = write_lines(tmp_path_factory.mktemp("h") / "h.jsonl", records)

    assert counted(asked(ruleset, history).tally) == counted(expected(ruleset, records))


@MANY
@given(rulesets(), st.lists(RECORDS, min_size=1, max_size=40))
def test_csv_counts_as_the_interpreter_says(
    tmp_path_factory: Any, ruleset: Ruleset, records: list[Record]
) -> None:
    records = without_empty_texts(records)
    history = write_csv(tmp_path_factory.mktemp("h") / "h.csv", records)

    assert counted(asked(ruleset, history).tally) == counted(expected(ruleset, records))


@MANY
@given(rulesets(), st.lists(RECORDS, min_size=1, max_size=40))
def test_parquet_counts_as_the_interpreter_says(
    tmp_path_factory: Any, ruleset: Ruleset, records: list[Record]
) -> None:
    records = as_doubles(records)
    history = write_parquet(tmp_path_factory.mktemp("h") / "h.parquet", records)

    assert counted(asked(ruleset, history).tally) == counted(expected(ruleset, records))


@MANY
@given(
    st.integers(0, 10**20)
    | st.integers(2**53 - 9, 10**16)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(allow_nan=False, allow_infinity=False, places=19, min_value=-9, max_value=9)
    | st.builds(Decimal, st.from_regex(r"-?[1-9][0-9]{13,16}E[+-]?[1-9][0-9]?", fullmatch=True))
)
@example(2**53 + 1)
@example(Decimal("8999999999999997E+10"))
def test_a_number_equals_itself_in_json_lines_and_csv(tmp_path_factory: Any, number: Any) -> None:
    text = str(number) if isinstance(number, Decimal) else json.dumps(number)
    literal = Decimal(text)
    ruleset = Ruleset(
        "n", {"x": {"type": "number"}}, (Rule("same", Condition("x", "eq", literal), {}),)
    )
    folder = tmp_path_factory.mktemp("h")
    (folder / "h.jsonl").write_text(f'{{"x": {text}}}\n')
    (folder / "h.csv").write_text(f"x\n{text}\n")

    for name in ("h.jsonl", "h.csv"):
        assert asked(ruleset, folder / name).tally.won == [1], (name, text)


@pytest.mark.parametrize("operator", ["eq", "neq", "gt", "lte"])
@pytest.mark.parametrize(
    ("name", "write"),
    [("h.jsonl", write_lines), ("h.csv", write_csv), ("h.parquet", write_parquet)],
)
def test_a_text_that_is_no_date_time_makes_its_record_invalid_and_no_other(
    tmp_path: Path, name: str, write: Any, operator: Any
) -> None:
    literal = "2026-01-31T09:00:00Z"
    ruleset = Ruleset(
        "since",
        {"since": {"type": "string", "format": "date-time"}},
        (Rule("since", Condition("since", operator, literal), {}),),
    )
    records = [{"since": "soon"}, {"since": "2026-01-31T10:00:00+01:00"}, {"since": literal}]
    history = write(tmp_path / name, records)

    tally = asked(ruleset, history).tally

    assert (tally.records, tally.invalid) == (3, 1)
    assert tally.won == [2 if operator in {"eq", "lte"} else 0]


ENGLISH = Ruleset(
    "english",
    {"language": {"type": "string"}, "priority": {"type": "integer"}, "score": {"type": "number"}},
    (Rule("english", Condition("language", "eq", "en"), {"queue": "q"}),),
)
GOOD = b'{"language": "en", "priority": 1, "score": 1.5}\n'
LINES = [
    ("not JSON", b"{nonsense\n"),
    ("two objects on a line", b'{"language": "en"}{"language": "en"}\n'),
    ("two objects and blanks", b'{"language": "en"} {"language": "en"}\n'),
    ("no object", b"5\n"),
    ("a field twice", b'{"language": "de", "language": "en"}\n'),
    ("a field twice, escaped", b'{"language": "de", "lang\\u0075age": "en"}\n'),
    ("not a number", b'{"language": "en", "score": NaN}\n'),
    ("infinity", b'{"language": "en", "score": -Infinity}\n'),
    ("not a number elsewhere", b'{"language": "en", "other": NaN}\n'),
    ("a comment", b'{"language": "en" /* sic */}\n'),
    ("half a surrogate pair", b'{"language": "\\ud800"}\n'),
    ("not UTF-8", b'{"language": "\xff"}\n'),
    ("not UTF-8 elsewhere", b'{"language": "en", "other": "\xff"}\n'),
    ("a byte nobody sees", b'{"language": "en"}\x00\n'),
    ("another type", b'{"language": "en", "priority": "high"}\n'),
    ("a number as text", b'{"language": "en", "priority": "1"}\n'),
    ("not whole", b'{"language": "en", "priority": 1.5}\n'),
]


@pytest.mark.parametrize(("reason", "line"), LINES, ids=[reason for reason, _ in LINES])
def test_a_line_that_cannot_be_read_is_invalid_and_the_others_count(
    tmp_path: Path, reason: str, line: bytes
) -> None:
    history = tmp_path / "h.jsonl"
    history.write_bytes(GOOD * 3 + line + GOOD * 2)

    found = asked(ENGLISH, history).to_json()

    assert (found["records"], found["invalid"], found["matched"]) == (6, 1, 5), reason
    assert [bad["row"] for bad in found["invalid_rows"]] == [4]


LINES_THAT_COUNT = [
    ("whole by value", b'{"language": "en", "priority": 1.0, "score": 1e2}\n'),
    ("beyond 64 bits", b'{"language": "en", "priority": 123456789012345678901234567890}\n'),
    ("beyond a double", b'{"language": "en", "score": 1e999}\n'),
    ("another key twice", b'{"language": "en", "x": 1, "x": 2}\n'),
    ("a comment in a text", b'{"language": "en", "x": "/* no */ // comment"}\n'),
    ("blanks around", b'  {"language": "en"}  \r\n'),
    ("nulls", b'{"language": "en", "priority": null}\n'),
]


@pytest.mark.parametrize(
    ("reason", "line"), LINES_THAT_COUNT, ids=[reason for reason, _ in LINES_THAT_COUNT]
)
def test_a_line_that_arrow_would_refuse_counts(tmp_path: Path, reason: str, line: bytes) -> None:
    history = tmp_path / "h.jsonl"
    history.write_bytes(GOOD + line + GOOD.rstrip())

    found = asked(ENGLISH, history).to_json()

    assert (found["records"], found["invalid"], found["matched"]) == (3, 0, 3), reason


@pytest.mark.parametrize("end", [b"", b"nonsense\n"], ids=["quick", "line by line"])
def test_a_line_of_any_depth_is_read_or_invalid(tmp_path: Path, end: bytes) -> None:
    history = tmp_path / "h.jsonl"
    deep = b'{"language": "en", "other": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n"
    history.write_bytes(GOOD + deep + end)

    assert asked(ENGLISH, history).tally.records == 2 + bool(end)


def test_a_byte_order_mark_and_empty_lines_are_no_records(tmp_path: Path) -> None:
    history = tmp_path / "h.jsonl"
    history.write_bytes(b"\xef\xbb\xbf" + GOOD + b"\n \n" + b"nonsense\n" + GOOD)

    found = asked(ENGLISH, history).to_json()

    assert (found["records"], found["invalid"]) == (3, 1)
    assert [bad["row"] for bad in found["invalid_rows"]] == [4]


def test_bad_lines_far_apart_leave_the_rest_to_the_quick_reader(tmp_path: Path) -> None:
    history = tmp_path / "h.jsonl"
    lines = [GOOD] * 60_000
    lines[7] = lines[40_000] = b'{"language": 1}\n'
    history.write_bytes(b"".join(lines))

    found = asked(ENGLISH, history).to_json()

    assert (found["records"], found["invalid"], found["matched"]) == (60_000, 2, 59_998)
    assert [bad["row"] for bad in found["invalid_rows"]] == [8, 40_001]


def test_lines_longer_than_a_block_are_read_whole(tmp_path: Path) -> None:
    history = tmp_path / "h.jsonl"
    long = b'{"language": "en", "x": "' + b"y" * (json_lines.BLOCK_BYTES + 10) + b'"}\n'
    history.write_bytes(GOOD + long + GOOD)

    assert asked(ENGLISH, history).tally.won == [3]


TABLE = [
    ("ragged rows", b"language,priority\nen\nen,1\nen,1,2\nde,2\n", (4, 2, 1), [1, 3]),
    ("ragged rows at the end", b"language,priority\nen,1\nen\nen\n", (3, 2, 1), [2, 3]),
    ("nothing but ragged rows", b"language,priority\nen\nen,1,2\n", (2, 2, 0), [1, 2]),
    ("a quote inside a cell", b'language,size\nen,5"\nen,"6"\n', (2, 0, 2), []),
    ("wrong types", b"language,priority\nen,high\nen,1.5\nen,1.0\nen,0x1\n", (4, 3, 1), [1, 2, 4]),
    ("nulls", b"language,priority\nen,\n,1\nen,2\n", (3, 0, 2), []),
    ("missing columns", b"priority\n1\n2\n", (2, 0, 0), []),
    ("none of the columns", b"a,b\n1,2\n3,4\n", (2, 0, 0), []),
    ("carriage returns", b"language,priority\r\nen,1\r\nde,2\r\n", (2, 0, 1), []),
    ("a byte order mark", b"\xef\xbb\xbflanguage,priority\nen,1\n", (1, 0, 1), []),
    ("not UTF-8", b"language,priority\nen,1\n\xff,1\nen,2\n", (3, 1, 2), [2]),
    ("newlines in a cell", b'language,x\nen,"a\nb"\nen\nen,c\n', (3, 1, 2), [2]),
    ("a header only", b"language,priority\n", (0, 0, 0), []),
]


@pytest.mark.parametrize(
    ("reason", "text", "counts", "rows"), TABLE, ids=[reason for reason, *_ in TABLE]
)
def test_csv_rows_that_do_not_fit_are_invalid_with_their_number(
    tmp_path: Path, reason: str, text: bytes, counts: tuple[int, int, int], rows: list[int]
) -> None:
    history = tmp_path / "h.csv"
    history.write_bytes(text)

    found = asked(ENGLISH, history).to_json()

    assert (found["records"], found["invalid"], found["matched"]) == counts, reason
    assert [bad["row"] for bad in found["invalid_rows"]] == rows
    assert all(bad["problem"] for bad in found["invalid_rows"])


def test_members_in_a_cell_are_json_or_stand_between_bars(tmp_path: Path) -> None:
    ruleset = Ruleset(
        "codes",
        {"codes": {"type": "array", "items": {"type": "integer"}}},
        (Rule("two", Condition("codes", "contains", 2), {}),),
    )
    history = tmp_path / "h.csv"
    history.write_text('codes\n"[1, 2]"\n1|2\n2\n1|two\n[2\n3\n')

    found = asked(ruleset, history).to_json()

    assert (found["matched"], found["invalid"], found["unmatched"]) == (3, 2, 1)


def parquet(path: Path, **columns: Any) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def test_a_parquet_column_of_another_type_makes_its_records_invalid(tmp_path: Path) -> None:
    history = parquet(tmp_path / "h.parquet", language=["en", "en"], priority=["1", None])

    found = asked(ENGLISH, history).to_json()

    assert (found["invalid"], found["matched"]) == (1, 1)
    assert found["invalid_rows"] == [{"row": 1, "problem": "`priority` is a string, not integer"}]


def test_lists_of_a_fixed_length_and_views_of_text_are_lists_and_text(tmp_path: Path) -> None:
    fields = {"tags": {"type": "array", "items": {"type": "string"}}, "name": {"type": "string"}}
    both = And((Condition("tags", "contains", "a"), Condition("name", "eq", "x")))
    history = parquet(
        tmp_path / "h.parquet",
        tags=pa.array([["a", "b"], ["b", "c"], None], pa.list_(pa.string(), 2)),
        name=pa.array(["x", "x", "x"], pa.string_view()),
    )

    found = asked(Ruleset("r", fields, (Rule("both", both, {}),)), history).to_json()

    assert (found["invalid"], found["matched"]) == (0, 1)


BROKEN: list[tuple[str, str, bytes]] = [
    ("another format", "h.xml", b"<a/>"),
    ("Parquet in name only", "h.parquet", b"nonsense"),
    ("a damaged Parquet file", "h.parquet", b"PAR1nonsensePAR1"),
    ("Parquet under another name", "h.csv", b"PAR1nonsensePAR1"),
    ("an empty CSV", "h.csv", b""),
    ("an open quote", "h.csv", b'language,x\nen,1\n"en,2\nde,3\n'),
    ("an open quote at the end", "h.csv", b'language,x\nen,"'),
    ("UTF-16", "h.csv", "language\nen\n".encode("utf-16")),
    ("UTF-16 lines", "h.jsonl", '{"language": "en"}\n'.encode("utf-16")),
    ("no ending", "history", b"language\nen\n"),
    ("one name twice", "h.csv", b"language,language\nen,de\n"),
]


@pytest.mark.parametrize(("reason", "name", "data"), BROKEN, ids=[reason for reason, *_ in BROKEN])
def test_a_file_that_is_no_history_is_refused(
    tmp_path: Path, reason: str, name: str, data: bytes
) -> None:
    (tmp_path / name).write_bytes(data)

    with pytest.raises(InvalidInput, match=name):
        asked(ENGLISH, tmp_path / name)


@pytest.mark.parametrize("make", [lambda p: p / "none.csv", lambda p: p], ids=["no file", "empty"])
def test_no_history_is_refused(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    with pytest.raises(InvalidInput):
        asked(ENGLISH, make(tmp_path))


def test_a_folder_is_one_history(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.jsonl", [{"language": "en"}] * 2)
    (tmp_path / "b.csv").write_text("language\nen\nde\n")
    parquet(tmp_path / "c.parquet", language=["en"])

    found = asked(ENGLISH, tmp_path)

    assert (found.tally.records, found.matched) == (5, 4)
