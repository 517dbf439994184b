import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.dialects.port import Definition
from tieline.errors import InvalidInput, LimitExceeded
from tieline.invocations.checks import DEEPEST, check_input, check_value
from tieline.invocations.known import Known

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats(allow_nan=False).filter(math.isfinite)
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)


@given(st.dictionaries(st.text(), JSON))
def test_every_json_object_is_accepted(value: dict[str, Any]) -> None:
    json.dumps(value)  # it is one

    check_value(value)


@given(st.dictionaries(st.text(), JSON), st.sampled_from([math.nan, math.inf, b"x", {1, 2}]))
def test_one_value_that_is_no_json_anywhere_is_refused(value: dict[str, Any], bad: Any) -> None:
    with pytest.raises(InvalidInput):
        check_value({"good": value, "bad": [{"deep": bad}]})


@pytest.mark.parametrize("value", [None, True, 3, "text", [1], (1,), 1.5])
def test_an_input_is_an_object(value: Any) -> None:
    with pytest.raises(InvalidInput, match="JSON object"):
        check_value(value)


def test_a_key_that_is_no_text_is_refused() -> None:
    with pytest.raises(InvalidInput, match="a key is of type int"):
        check_value({"a": {1: 2}})


def test_depth_ten_thousand_is_a_limit_and_no_recursion() -> None:
    value: dict[str, Any] = {}
    for _ in range(10_000):
        value = {"a": value}

    with pytest.raises(LimitExceeded, match=str(DEEPEST)):
        check_value(value)


def test_a_value_that_holds_itself_ends() -> None:
    value: dict[str, Any] = {}
    value["me"] = value

    with pytest.raises(LimitExceeded):
        check_value(value)


def test_a_megabyte_of_text_is_a_fine_input() -> None:
    check_value({"text": "x" * 1_000_000})


def known(**more: Any) -> Known:
    return Known.of(Definition("function", "f1", "Enrich", **more))


def test_an_undefined_key_is_named_with_what_is_allowed_and_what_was_meant() -> None:
    with pytest.raises(InvalidInput) as caught:
        check_input(known(input_names=("customerId", "sessionId")), {"customerID": 1})

    assert "no input 'customerID'; allowed: customerId, sessionId" in caught.value.message
    assert caught.value.hint == "did you mean 'customerId'?"
    assert caught.value.details[0]["loc"] == ["customerID"]


def test_a_wrong_type_is_refused_without_repeating_the_value() -> None:
    schema = {"type": "object", "properties": {"customerId": {"type": "string"}}}

    with pytest.raises(InvalidInput) as caught:
        check_input(known(input_schema=schema), {"customerId": 31415926})

    assert "customerId" in caught.value.message
    assert "31415926" not in json.dumps(caught.value.to_json())


def test_a_remote_schema_that_cannot_be_used_leaves_the_check_to_the_far_side() -> None:
    unusable = known(input_schema={"type": "no such type"})

    check_input(unusable, {"anything": 1})


@given(st.dictionaries(st.text(max_size=100), st.integers(), min_size=1), st.lists(st.text()))
def test_undefined_keys_never_get_past(value: dict[str, int], allowed: list[str]) -> None:
    undefined = [key[:64] for key in value if key not in allowed]
    names = known(input_names=tuple(allowed))

    if undefined:
        with pytest.raises(InvalidInput) as caught:
            check_input(names, value)
        assert [detail["loc"][0] for detail in caught.value.details] == undefined
    else:
        check_input(names, value)
