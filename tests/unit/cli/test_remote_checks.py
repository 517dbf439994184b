from email.utils import formatdate

import pytest

from tieline.cli.remote_checks import PROBES, clock_skew

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("ahead", "level"),
    [(0, "ok"), (29, "ok"), (-29, "ok"), (31, "warning"), (-299, "warning"), (301, "problem"),
     (-86400, "problem")],
)  # fmt: skip
def test_clock_skew_in_either_direction(ahead: float, level: str) -> None:
    found = clock_skew(formatdate(NOW, usegmt=True), NOW + ahead)
    assert found.level == level
    assert bool(found.fix) == (level != "ok")


@pytest.mark.parametrize("date", [None, "", "yesterday", "Tue, 99 Foo 2026 00:00:00 GMT"])
def test_a_date_header_that_is_none_is_unknown(date: str | None) -> None:
    assert clock_skew(date, NOW).level == "unknown"


def test_every_probe_is_a_read() -> None:
    assert all(not p.operation.mutating for probes in PROBES.values() for p in probes)
