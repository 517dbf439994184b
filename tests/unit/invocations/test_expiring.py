from hypothesis import given
from hypothesis import strategies as st

from tieline.invocations.expiring import Expiring

STEPS = st.lists(st.tuples(st.sampled_from("abcde"), st.booleans(), st.floats(0, 5)), max_size=50)


@given(STEPS)
def test_it_behaves_as_a_plain_list_of_the_youngest_uses(
    steps: list[tuple[str, bool, float]],
) -> None:
    memory: Expiring[int] = Expiring(capacity=3, ttl_s=10.0)
    model: list[tuple[str, int, float]] = []  # key, value, stored at; last used last
    now = 0.0

    for number, (key, store, passed) in enumerate(steps):
        now += passed
        found = next((entry for entry in model if entry[0] == key), None)
        if store:
            memory.put(key, number, now=now)
            model = [entry for entry in model if entry[0] != key] + [(key, number, now)]
            model = model[-3:]
        else:
            fresh = found is not None and now - found[2] < 10.0
            assert memory.get(key, now=now) == (found[1] if found and fresh else None)
            model = [entry for entry in model if entry[0] != key]
            model += [found] if found and fresh else []
        assert len(memory) <= 3


def test_a_value_can_be_forgotten() -> None:
    memory: Expiring[int] = Expiring(capacity=3, ttl_s=10.0)
    memory.put("a", 1, now=0.0)

    memory.discard("a")
    memory.discard("never there")

    assert memory.get("a", now=0.0) is None
