from dataclasses import replace

import pytest

from tieline.errors import InvalidInput
from tieline.sandbox import Limits


def test_the_defaults_are_the_documented_ones() -> None:
    limits = Limits()

    assert (limits.wall_s, limits.memory_mb, limits.tasks) == (30.0, 256, 64)
    assert (limits.log_bytes, limits.result_bytes) == (1_048_576, 750_000)


def test_a_busy_loop_reaches_the_wall_before_the_cpu_limit() -> None:
    assert Limits(wall_s=5).cpu_allowed_s > 5
    assert Limits(cpu_s=2).cpu_allowed_s == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"wall_s": 0},
        {"wall_s": float("nan")},
        {"wall_s": float("inf")},
        {"cpu_s": -1},
        {"cpu_s": float("inf")},
        {"memory_mb": 8},
        {"memory_mb": 10**12},
        {"result_bytes": 0},
        {"tasks": 0},
    ],
)
def test_a_limit_no_run_can_keep_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidInput, match="must be"):
        replace(Limits(), **wrong)  # type: ignore[arg-type]  # every field is a number
