from string import Formatter

import pytest

from tieline.calls.operation import Operation
from tieline.dialects.guide import GUIDE
from tieline.dialects.platform import PLATFORM
from tieline.dialects.port import by_name

# The SDKs document no permission for it (spec 2.4).
OPEN_TO_ALL = {"limits.list"}
ALL = [*PLATFORM.operations.values(), *GUIDE.operations.values()]


@pytest.mark.parametrize("operation", ALL, ids=lambda entry: f"{entry.dialect} {entry.name}")
def test_an_entry_says_who_may_call_it_and_whether_it_may_repeat(operation: Operation) -> None:
    if operation.name not in OPEN_TO_ALL:
        assert operation.permissions if operation.dialect == "platform" else operation.scopes
    assert operation.idempotent or operation.mutating
    assert operation.path.startswith("/api/v2/")
    assert all(name is None or name for _, name, _, _ in Formatter().parse(operation.path))


def test_nothing_that_starts_an_execution_is_ever_repeated() -> None:
    starters = {"flows.launch", "actions.execute", "functions.execute", "actions.invoke"}

    assert {op.name for op in ALL if not op.idempotent} >= starters


def test_two_operations_of_one_name_are_refused() -> None:
    twice = PLATFORM.operations["flows.launch"]

    with pytest.raises(ValueError, match="two operations"):
        by_name([twice, twice])
