import json
import random
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from tieline.invocations.key import invocation_key

INPUTS = st.dictionaries(st.text(), st.integers() | st.text() | st.booleans() | st.none())


@given(st.text(), INPUTS, st.randoms())
def test_equal_inputs_have_one_key_however_they_are_ordered_and_written(
    target: str, value: dict[str, object], chance: random.Random
) -> None:
    keys = list(value)
    chance.shuffle(keys)
    shuffled = json.loads(json.dumps({key: value[key] for key in keys}, indent=3))

    assert invocation_key(target, value) == invocation_key(target, shuffled)


@given(INPUTS, INPUTS)
def test_different_inputs_have_different_keys(
    one: dict[str, object], other: dict[str, object]
) -> None:
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)

    assert (invocation_key("f", one) == invocation_key("f", other)) is same


def test_the_target_is_part_of_the_key() -> None:
    assert invocation_key("f", {"a": 1}) != invocation_key("g", {"a": 1})


def test_the_key_is_the_digest_of_canonical_json() -> None:
    assert invocation_key("f", {"a": 1}) == sha256(b'{"id":"f","inputs":{"a":1}}').hexdigest()
