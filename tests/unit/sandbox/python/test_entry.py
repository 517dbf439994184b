from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tieline.sandbox.python.entry import Context, call, load

FACTS = {"client_context": {"ININ-User-Id": "u"}, "function_name": "f", "memory_mb": 256}


def context() -> Context:
    return Context(FACTS, deadline=monotonic() + 30)


def of_event(event: Any) -> Any:
    return event


def of_both(event: Any, context: Context) -> Any:
    return [event, context.clientContext]


def of_two_unnamed(one: Any, two: Context) -> Any:
    return [one, two.client_context]


async def of_inputs(customer: str, session: str = "none") -> Any:
    return [customer, session]


def of_anything(**inputs: Any) -> Any:
    return inputs


def of_star(*given: Any) -> int:
    return len(given)


CASES = [
    ("event alone", of_event, {"a": 1}, {"a": 1}),
    ("event and context", of_both, 5, [5, {"ININ-User-Id": "u"}]),
    ("two of other names", of_two_unnamed, {"a": 1}, [{"a": 1}, {"ININ-User-Id": "u"}]),
    ("two of the inputs' names", of_inputs, {"customer": "c", "session": "s"}, ["c", "s"]),
    ("one left to its default", of_inputs, {"customer": "c"}, ["c", "none"]),
    ("any inputs", of_anything, {"a": 1}, {"a": 1}),
    ("any arguments", of_star, {"a": 1}, 2),
]


@pytest.mark.parametrize(
    ("handler", "event", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_a_handler_is_called_as_it_wants_to_be(handler: Any, event: Any, expected: Any) -> None:
    assert call(handler, event, context()) == expected


def test_inputs_that_do_not_fit_are_all_named() -> None:
    with pytest.raises(TypeError, match="customer is missing, customr is unknown; the handler's"):
        call(of_inputs, {"customr": "c", "session": "s"}, context())
    with pytest.raises(TypeError, match="must be an object"):
        call(of_anything, 5, context())


def test_the_context_tells_how_long_there_is() -> None:
    assert 29_000 < context().get_remaining_time_in_millis() <= 30_000
    assert Context(FACTS, deadline=monotonic() - 1).get_remaining_time_in_millis() == 0


@pytest.mark.parametrize(
    ("code", "name", "answer"),
    [
        ("def handler(event): return 1", "", 1),
        ("def lambda_handler(event): return 2", "", 2),
        ("def enrich(event): return 3\ndef _private(event): return 4", "", 3),
        ("def handler(event): return 1\ndef other(event): return 5", "other", 5),
    ],
)
def test_the_function_is_found(tmp_path: Path, code: str, name: str, answer: int) -> None:
    file = tmp_path / "found_by_entry.py"
    file.write_text(code)

    assert load(str(file), name, search=[])({}) == answer


@pytest.mark.parametrize(("code", "name"), [("x = 1", "x"), ("def a(): ...\ndef b(): ...", "")])
def test_a_file_without_a_clear_handler_is_refused(tmp_path: Path, code: str, name: str) -> None:
    file = tmp_path / "unclear.py"
    file.write_text(code)

    with pytest.raises(AttributeError, match="has no function named"):
        load(str(file), name, search=[])
