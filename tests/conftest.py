"""What holds for every test; and the profile under which tests meet mutants (`make mutation`)."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

# A machine that is busy with something else makes no property false.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")

MUTATION = "mutation"
# A mutant is met by the same examples each time, so that a score can be repeated; by few of them,
# because there are thousands of mutants. What it fails on is not made smaller: nobody reads it.
settings.register_profile(
    MUTATION,
    settings.get_profile("any machine"),
    database=None,
    derandomize=True,
    max_examples=10,
    phases=(Phase.explicit, Phase.generate),
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Ask the quickest tests first: the first failure ends a mutant."""
    timings = Path("mutmut-stats.json")
    if config.getoption("--hypothesis-profile") == MUTATION and timings.is_file():
        seconds = json.loads(timings.read_text(encoding="utf-8"))["duration_by_test"]
        items.sort(key=lambda item: seconds.get(item.nodeid, 0))
