import pytest

from tieline import errors
from tieline.cli.exits import Exit, exit_of_error, exit_of_status
from tieline.errors import ApiError, Error

TABLE = [
    (errors.InvalidInput("x"), 2), (errors.ConfigInvalid("x"), 2), (errors.LimitExceeded("x"), 2),
    (errors.Unsupported("x"), 2), (errors.AuthenticationFailed("x", status=401), 3),
    (errors.PermissionDenied("x", status=403), 3), (errors.NotFound("x", status=404), 2),
    (ApiError("x", status=400), 2), (ApiError("x", status=500), 1),
    (errors.Conflict("x", status=409), 4), (errors.StalePlan("x"), 4),
    (errors.OutcomeUnknown("x"), 5), (errors.RateLimited("x", status=429), 6),
    (errors.NetworkError("x"), 6), (errors.BadAnswer("x"), 6), (errors.MaxRetriesExceeded("x"), 6),
    (errors.DeadlineExceeded("x"), 6), (errors.CircuitOpen("x"), 6),
    (errors.StoreUnavailable("x"), 6),
]  # fmt: skip


@pytest.mark.parametrize(
    ("error", "code"), TABLE, ids=[f"{type(e).__name__} {c}" for e, c in TABLE]
)
def test_each_error_has_its_exit_code(error: Error, code: int) -> None:
    assert exit_of_error(error) == code


def test_no_error_class_is_left_out_of_the_table() -> None:
    def below(parent: type[Error]) -> set[type[Error]]:
        return {parent, *(c for child in parent.__subclasses__() for c in below(child))}

    ours = {found for found in below(Error) if found.__module__ == "tieline.errors"}
    assert ours - {type(error) for error, _ in TABLE} == {Error}


@pytest.mark.parametrize(
    ("status", "code"),
    [("completed", 0), ("failed", 1), ("timed_out", 1), ("terminated", 1), ("uncertain", 5)],
)
def test_each_status_has_its_exit_code(status: errors.Any, code: int) -> None:
    assert exit_of_status(status) == code


def test_the_numbers_are_those_of_the_contract() -> None:
    assert [int(code) for code in Exit] == [0, 1, 2, 3, 4, 5, 6, 7, 130]
