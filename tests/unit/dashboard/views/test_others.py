"""Limits, refusals, endpoints and deployments in words."""

from dataclasses import replace

import pytest

from tieline.calls.limiter import Window
from tieline.dashboard.views.overview import limit_view, refusals, status_counts, target_views
from tieline.dashboard.views.rules import journal_view
from tieline.dashboard.views.webhooks import endpoint_view
from tieline.deployments.journal import Deployment, History
from tieline.observe.activity import Activity
from tieline.services.state_reading.rules import RuleJournal
from tieline.store.ledger.reading import KnownLimit
from tieline.store.outbox_reading import EndpointStanding

ENDPOINT = EndpointStanding(
    "crm", "https://u:p@hooks.example.org:8443/T0/s3cret?k=s3cret", ("runs.*",), 0, 0.0,
    gone=False, pending=0, dead=0, oldest_pending_at=None,
)  # fmt: skip
WINDOW = Window(300, declared=True, log=((30.0, 50), (95.0, 7)))


def test_a_limit_shows_what_is_allowed_what_was_used_and_whether_it_is_closed() -> None:
    opened = limit_view(KnownLimit("client", WINDOW, 100.0))
    closed = limit_view(
        KnownLimit("client", replace(WINDOW, closed_until=130.0, last_refusal=90.0), 100.0)
    )

    assert (opened.capacity, opened.used, opened.state) == ("300/min", "7", "open")
    assert opened.last_refusal == "none known"
    assert (closed.state, closed.last_refusal) == ("closed for 30 s", "10 s ago")


def test_a_limit_that_was_counted_says_so_and_one_of_another_boot_tells_no_times() -> None:
    counted = limit_view(KnownLimit("client", replace(WINDOW, declared=False), 100.0))
    before = limit_view(KnownLimit("client", WINDOW, None))

    assert counted.capacity == "300/min, counted"
    assert (before.capacity, before.used) == ("300/min", "")
    assert "since the last boot" in before.state


def test_refusals_are_those_that_occurred_and_every_status_has_its_count() -> None:
    activity = Activity()
    record = {
        "log": "l", "seq": 1, "time": "t", "phase": "outcome", "target_kind": "flow",
        "target_id": "f", "status": "uncertain", "error": {"code": "OUTCOME_UNKNOWN"},
    }  # fmt: skip
    activity.take(record)

    assert [(one.code, one.count) for one in refusals(activity)] == [("OUTCOME_UNKNOWN", 1)]
    counts = {one.status: one.count for one in status_counts(activity)}
    assert counts == {"completed": 0, "failed": 0, "timed_out": 0, "terminated": 0,
                      "uncertain": 1, "refused": 0}  # fmt: skip
    (target,), more = target_views(activity)
    assert (target.executed, target.success, more) == ("1", "0 %", 0)


@pytest.mark.parametrize(
    ("one", "state"),
    [
        (ENDPOINT, "ok"),
        (replace(ENDPOINT, failures=1, next_at=50.0), "failing"),
        (replace(ENDPOINT, failures=3, next_at=500.0), "circuit open"),
        (replace(ENDPOINT, gone=True), "gone"),
    ],
    ids=["ok", "due again", "waits", "said 410"],
)
def test_an_endpoint_is_told_by_its_circuit(one: EndpointStanding, state: str) -> None:
    assert endpoint_view(one, now=100.0, most=10).state == state


@pytest.mark.parametrize("url", [ENDPOINT.url, "https://[::1", "", "javascript:alert(1)"])
def test_of_an_address_only_the_origin_is_shown(url: str) -> None:
    place = endpoint_view(replace(ENDPOINT, url=url), now=0.0, most=10).place

    assert "s3cret" not in place
    assert "u:p" not in place


def test_counts_that_went_as_far_as_anybody_looks_say_so() -> None:
    view = endpoint_view(replace(ENDPOINT, pending=10, dead=3), now=0.0, most=10)

    assert (view.pending, view.dead) == ("10+", "3")


def journal(*deployments: Deployment, problem: str | None = None) -> RuleJournal:
    return RuleJournal("x", "support", "table", "0" * 12, History(deployments), problem)


def test_a_rule_set_shows_the_version_that_stands() -> None:
    applied = Deployment(
        "dep_1", "apply", "2026-01-31T12:00:00Z", state="deployed", ended="2026-01-31T12:00:05Z",
        file="abcdef" * 10, facts={"draft": 7, "names": {"k": "Escalation", "l": "Escalation"}},
    )  # fmt: skip

    view = journal_view(journal(applied))

    assert (view.state, view.version, view.since) == ("deployed", "7", "2026-01-31 12:00:05")
    assert view.rules == ["Escalation"]


def test_a_deployment_that_was_cut_off_is_told_and_a_rollback_is_carried_out() -> None:
    cut = Deployment("dep_2", "apply", "2026-01-31T12:00:00Z")
    back = Deployment("dep_3", "rollback", "2026-01-31T12:00:00Z", state="deployed", of="dep_1")

    assert journal_view(journal(cut)).state == "unfinished: running"
    assert journal_view(journal(back)).deployments[0].state == "carried out"
    assert journal_view(journal(back)).state == "none deployed"


def test_what_a_guide_deployment_noted_of_its_rules_is_read_and_nonsense_is_passed_over() -> None:
    noted = [{"document": {"name": "VIP first"}}, {"name": "German"}, "nonsense", {"document": 3}]
    applied = Deployment("dep_1", "apply", "t", state="deployed", facts={"after": noted})

    assert journal_view(journal(applied)).rules == ["VIP first", "German"]
