"""What both databases must do alike."""

import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import repeat

import pytest

from tieline.errors import Conflict, InvalidInput, NotFound
from tieline.runs.item import Change, Claim, NewItem
from tieline.runs.run import Counts, RunSpec
from tieline.store.ledger import loading, owners, reading, resolving
from tieline.store.ledger.claims import Limit, Share
from tieline.store.ledger.database import Database
from tieline.store.ledger.exchange import exchange, hand_in_late, reconcile
from tieline.store.ledger.loading import Duplicates, Loading
from tieline.store.ledger.owners import OwnerLost
from tieline.store.process_identity import ProcessIdentity, this_host

SPEC = RunSpec(kind="flow", target_id="f", name="callbacks")
WITH_REFERENCES = RunSpec(kind="flow", target_id="f", name="callbacks", reference_field="id")


def start(
    database: Database,
    items: int | list[NewItem],
    *,
    run_id: str = "r1",
    spec: RunSpec = SPEC,
    chunk_items: int = 10,
    duplicates: Duplicates = "refuse",
) -> Share:
    given = (
        [NewItem(line=n, text=f'{{"n":{n}}}') for n in range(1, items + 1)]
        if isinstance(items, int)
        else items
    )
    what = Loading(run_id, spec, lambda: "abc", duplicates=duplicates, chunk_items=chunk_items)
    loading.load(database, what, given)
    run = reading.find(database, run_id).no
    owner = owners.enlist(database, run, "driver")
    assert owner is not None
    resolving.set_state(database, run, "running", only_from=frozenset({"paused"}))
    return Share(run, run_id, owner)


def counts(database: Database) -> Counts:
    return reading.find(database, "r1").run.counts


def numbers(claims: tuple[Claim, ...]) -> list[int]:
    return [claim.input["n"] for claim in claims]


def finish(claims: tuple[Claim, ...]) -> list[Change]:
    return [Change(claim.seq, "done", status="completed") for claim in claims]


def test_items_are_claimed_in_order_once_each_and_exactly_as_many_as_there_are_slots(
    database: Database,
) -> None:
    share = start(database, 25)

    first = exchange(database, share, [], slots=12)
    second = exchange(database, share, finish(first.claims), slots=20)
    third = exchange(database, share, finish(second.claims), slots=20)

    assert numbers(first.claims) == list(range(1, 13))
    assert numbers(second.claims) == list(range(13, 26))
    assert third.claims == ()
    assert third.state == "done"
    assert counts(database) == Counts(total=25, done=25)


def test_a_claim_is_sent_before_it_is_handed_out(database: Database) -> None:
    share = start(database, 5)

    taken = exchange(database, share, [], slots=3)

    states = [item.state for item in reading.page(database, _stored(database), after=0, limit=9)]
    assert states == ["sent", "sent", "sent", "pending", "pending"]
    assert taken.counts == counts(database) == Counts(total=5, pending=2, sent=3)


def test_an_item_given_back_is_claimed_again(database: Database) -> None:
    share = start(database, 15)
    taken = exchange(database, share, [], slots=11)

    back = [Change(claim.seq, "pending") for claim in taken.claims if claim.seq in {2, 11}]
    again = exchange(database, share, back, slots=3)

    assert numbers(again.claims) == [2, 11, 12]
    assert counts(database) == Counts(total=15, pending=3, sent=12)


def test_what_became_of_items_is_kept_and_read_back(database: Database) -> None:
    share = start(database, 3)
    exchange(database, share, [], slots=3)

    exchange(
        database,
        share,
        [
            Change(1, "done", status="completed", execution_id="e1", result={"x": "ü\n\0"}),
            Change(2, "failed", status="timed_out", error={"code": "X"}, correlation_id="c"),
            Change(3, "uncertain", error={"message": "no answer"}),
        ],
        slots=0,
    )

    one, two, three = reading.page(database, _stored(database), after=0, limit=10)
    assert (one.state, one.status, one.execution_id) == ("done", "completed", "e1")
    assert one.result == {"x": "ü\n\0"}
    assert (two.state, two.error, two.correlation_id) == ("failed", {"code": "X"}, "c")
    assert three.state == "uncertain"
    assert one.reference == "r1-1"
    assert counts(database) == Counts(total=3, done=1, failed=1, uncertain=1)
    found = reading.page(database, _stored(database), after=0, limit=9, only="uncertain")
    assert [item.seq for item in found] == [3]


def test_a_dead_owners_unanswered_items_are_uncertain_and_its_launched_ones_are_followed(
    database: Database,
) -> None:
    share = start_by_the_dead(database, 6)
    exchange(database, share, [], slots=4)
    exchange(database, share, [Change(2, "sent", execution_id="e2")], slots=0)

    looked_at = reading.find(database, "r1").run
    (listed,) = reading.list_runs(database, limit=9)
    left = owners.recover(database, share.run)
    heir = owners.enlist(database, share.run, "driver")
    assert heir is not None
    taken = exchange(database, Share(share.run, "r1", heir), [], slots=2)

    assert (looked_at.state, looked_at.owners, looked_at.reason) == (
        "paused", 0, "nobody works on it"
    )  # fmt: skip
    assert listed.run == looked_at
    assert (left.owners, left.uncertain, left.orphans) == (1, 3, 1)
    assert [(claim.seq, claim.execution_id) for claim in taken.claims] == [(2, "e2"), (5, None)]
    assert counts(database) == Counts(total=6, pending=1, sent=2, uncertain=3)


def test_a_living_driver_keeps_others_out_and_a_dead_one_does_not(database: Database) -> None:
    share = start(database, 3)

    assert owners.enlist(database, share.run, "driver") is None
    assert owners.enlist(database, share.run, "worker") is not None
    owners.retire(database, share.run, share.owner)
    assert owners.enlist(database, share.run, "driver") is not None


def test_an_owner_that_was_buried_learns_it_and_its_true_answers_still_count(
    database: Database,
) -> None:
    share = start(database, 3)
    exchange(database, share, [], slots=3)
    owners.retire(database, share.run, share.owner)
    changes = [Change(1, "done"), Change(2, "uncertain"), Change(3, "pending")]

    with pytest.raises(OwnerLost):
        exchange(database, share, changes, slots=1)
    hand_in_late(database, share, changes)

    assert counts(database) == Counts(total=3, pending=1, done=1, uncertain=1)


def test_what_was_claimed_in_a_commit_nobody_heard_of_is_given_back(database: Database) -> None:
    share = start(database, 15)
    exchange(database, share, [], slots=12)

    assert reconcile(database, share, carrying=frozenset({1, 2})) == 10

    assert counts(database) == Counts(total=15, pending=13, sent=2)
    assert numbers(exchange(database, share, [], slots=11).claims) == [*range(3, 14)]


def test_a_launched_item_is_never_given_back_whoever_lost_track_of_it(database: Database) -> None:
    share = start(database, 5)
    exchange(database, share, [], slots=2)
    exchange(database, share, [Change(1, "sent", execution_id="e1")], slots=0)

    assert reconcile(database, share, carrying=frozenset({2})) == 1

    taken = exchange(database, share, [], slots=1)
    assert [(claim.seq, claim.execution_id) for claim in taken.claims] == [(1, "e1")]
    assert counts(database) == Counts(total=5, pending=3, sent=2)


def test_claims_keep_to_the_places_of_every_limit(database: Database) -> None:
    share = start(database, 20)
    limits = (Limit("client", 12), Limit("run", 7))
    share = Share(share.run, share.run_id, share.owner, limits)

    first = exchange(database, share, [], slots=20)
    second = exchange(database, share, [], slots=20)

    assert len(first.claims) == 7
    assert second.claims == ()
    assert 0.0 < second.wait_s < 61.0


def test_duplicate_references_are_refused_with_their_lines_and_nothing_stands(
    database: Database,
) -> None:
    items = [NewItem(line, "{}", ref) for line, ref in enumerate("abcb", start=2)]

    with pytest.raises(InvalidInput, match="'b' occurs 2 times, first on line 3, last on line 5"):
        start(database, items, spec=WITH_REFERENCES)

    with pytest.raises(NotFound):
        reading.find(database, "r1")


def test_duplicate_references_are_dropped_by_choice_and_the_first_stays(
    database: Database,
) -> None:
    items = [NewItem(line, f'{{"n":{line}}}', ref) for line, ref in enumerate("abcbad", start=1)]

    share = start(database, items, spec=WITH_REFERENCES, duplicates="first", chunk_items=2)
    taken = exchange(database, share, [], slots=9)

    assert numbers(taken.claims) == [1, 2, 3, 6]
    assert exchange(database, share, finish(taken.claims), slots=9).state == "done"


def test_a_source_that_fails_half_way_leaves_nothing(database: Database) -> None:
    def failing() -> Iterator[NewItem]:
        yield from repeat(NewItem(1, "{}"), 25)
        raise InvalidInput("line 26: no JSON")

    with pytest.raises(InvalidInput, match="line 26"):
        loading.load(database, Loading("r1", SPEC, lambda: None, chunk_items=10), failing())

    assert reading.list_runs(database, limit=9) == []


def test_an_empty_source_starts_nothing(database: Database) -> None:
    with pytest.raises(InvalidInput, match="there is no item"):
        start(database, 0)


def test_a_run_id_is_used_once(database: Database) -> None:
    start(database, 1)

    with pytest.raises(Conflict, match="r1"):
        start(database, 1)


def test_a_load_whose_process_died_is_taken_away(database: Database) -> None:
    start(database, 1)
    with database.transaction() as session:
        session.rows("insert_run", run_id="half", name="n", spec="{}", chunk_size=1, now=0.0)
        ((run,),) = session.rows("run_exists", run_id="half")
        gone = ProcessIdentity(this_host(), dead_pid(), "1")
        session.rows(
            "insert_owner", run=run, role="loader", host=gone.host, pid=gone.pid, born=gone.born,
            now=session.now,
        )  # fmt: skip

    assert loading.drop_abandoned(database) == 1

    with database.transaction() as session:
        assert session.rows("run_exists", run_id="half") == []


def test_resolving_settles_uncertain_items_once(database: Database) -> None:
    share = start(database, 3)
    taken = exchange(database, share, [], slots=3)
    exchange(database, share, [Change(c.seq, "uncertain") for c in taken.claims], slots=0)
    assert reading.find(database, "r1").run.state == "done"

    assert resolving.resolve(database, share.run, Change(1, "done", execution_id="e"))
    assert not resolving.resolve(database, share.run, Change(1, "failed"))
    assert resolving.resolve(database, share.run, Change(2, "pending"))

    assert reading.find(database, "r1").run.state == "paused"
    assert counts(database) == Counts(total=3, pending=1, done=1, uncertain=1)


def test_a_cancelled_run_gives_nothing_out_and_still_takes_answers(database: Database) -> None:
    share = start(database, 5)
    taken = exchange(database, share, [], slots=2)

    resolving.set_state(database, share.run, "cancelled", only_from=frozenset({"running"}))
    after = exchange(database, share, finish(taken.claims), slots=9)

    assert after.claims == ()
    assert after.state == "cancelled"
    assert counts(database) == Counts(total=5, pending=3, done=2)


def test_runs_are_listed_newest_first_in_pages(database: Database) -> None:
    for number in range(5):
        loading.load(
            database, Loading(f"r{number}", SPEC, lambda: None), [NewItem(line=1, text="{}")]
        )

    newest = reading.list_runs(database, limit=2)
    older = reading.list_runs(database, limit=9, below=newest[-1].no)

    assert [found.run.run_id for found in newest] == ["r4", "r3"]
    assert [found.run.run_id for found in older] == ["r2", "r1", "r0"]
    assert reading.find(database, "callbacks").run.run_id == "r4"


def _stored(database: Database) -> reading.Stored:
    return reading.find(database, "r1")


def start_by_the_dead(database: Database, items: int) -> Share:
    """A run whose driver is a process that is gone, as after kill -9."""
    share = start(database, items)
    with database.transaction() as session:
        session.rows("bury_owner", owner=share.owner)
        ((owner,),) = session.rows(
            "insert_owner", run=share.run, role="driver", host=this_host(), pid=dead_pid(),
            born="1", now=session.now,
        )  # fmt: skip
    return Share(share.run, share.run_id, int(owner))


def dead_pid() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert child.pid != os.getpid()
    return child.pid
