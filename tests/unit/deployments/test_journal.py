"""What a journal says became of the deployments of one rule set."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tieline.deployments.journal import UNFINISHED, History, read_history

AT = "2026-01-31T12:00:00.000Z"


def begin(name: str, action: str = "apply", **more: Any) -> dict[str, Any]:
    return {"event": "begin", "deployment": name, "at": AT, "action": action, **more}


def step(name: str, phase: str, deployment: str = "a", **facts: Any) -> dict[str, Any]:
    entry = {"event": "step", "deployment": deployment, "at": AT, "step": name, "phase": phase}
    return {**entry, "facts": facts} if facts else entry


def end(name: str, state: str, **more: Any) -> dict[str, Any]:
    return {"event": "end", "deployment": name, "at": AT, "state": state, **more}


def states(history: History) -> dict[str, str]:
    return {each.id: each.state for each in history.deployments}


def test_nothing_written_is_nothing_done() -> None:
    history = read_history([])
    assert (history.deployments, history.standing, history.unfinished) == ((), None, None)


def test_a_deployment_without_an_end_is_unfinished_with_what_it_learned() -> None:
    history = read_history(
        [
            begin("a", facts={"marker": "m"}),
            step("table", "before"),
            step("table", "after", table="t", draft=1),
            step("rows", "before"),
        ]
    )
    assert history.standing is None
    assert history.unfinished is not None
    assert history.unfinished.facts == {"marker": "m", "table": "t", "draft": 1}
    steps = [(each.name, each.done) for each in history.unfinished.steps]
    assert steps == [("table", True), ("rows", False)]


def test_a_continuation_supersedes_what_was_cut_off_and_inherits_its_facts() -> None:
    history = read_history(
        [
            begin("a", facts={"marker": "m", "names": 1}), step("table", "before", table="t"),
            begin("b", continues="a", facts={"names": 2}), end("b", "deployed", facts={"told": 1}),
        ]
    )  # fmt: skip
    assert states(history) == {"a": "superseded", "b": "deployed"}
    assert history.standing is not None
    assert history.standing.facts == {"marker": "m", "table": "t", "names": 2, "told": 1}
    assert history.unfinished is None


def test_a_rollback_that_succeeded_uncovers_the_deployment_before() -> None:
    entries = [
        begin("a"), end("a", "deployed"), begin("b"), end("b", "deployed"),
        begin("c", "rollback", of="b"),
    ]  # fmt: skip
    cut_off = read_history(entries)
    assert cut_off.unfinished is not None
    assert (cut_off.unfinished.id, cut_off.unfinished.of) == ("c", "b")
    done = read_history([*entries, end("c", "deployed")])
    assert states(done) == {"a": "deployed", "b": "rolled_back", "c": "deployed"}
    assert done.standing is not None
    assert done.standing.id == "a"


def test_a_failure_that_was_put_back_leaves_what_stood_and_its_message() -> None:
    history = read_history(
        [begin("a"), end("a", "deployed"), begin("b"), end("b", "undone", message="refused")]
    )
    assert history.standing is not None
    assert (history.standing.id, history.unfinished) == ("a", None)
    assert history.deployments[-1].to_json()["message"] == "refused"


def test_one_that_could_not_be_put_back_is_unfinished() -> None:
    history = read_history([begin("a"), end("a", "incomplete", message="left")])
    assert history.unfinished is not None
    assert history.unfinished.state == "incomplete"


def test_a_plan_that_was_shown_holds_until_something_is_begun() -> None:
    shown = {"event": "planned", "desired": "d", "base": "b", "plan": "p"}
    assert read_history([shown]).planned == {"d": "b"}
    assert read_history([shown, {**shown, "desired": "e"}]).planned == {"e": "b"}
    assert read_history([shown, begin("a")]).planned == {}


def test_what_a_later_version_writes_is_passed_over() -> None:
    known = [begin("a", shape="round"), end("a", "deployed", more=1)]
    unknown = [{"event": "noticed", "deployment": "a", "at": AT}, step("x", "before", "nobody")]
    assert read_history([*known[:1], *unknown, *known[1:]]) == read_history(known)


NAMES = st.sampled_from("abc")
ENTRIES = st.one_of(
    st.builds(begin, NAMES, st.sampled_from(["apply", "rollback"]), of=NAMES, continues=NAMES),
    st.builds(step, NAMES, st.sampled_from(["before", "after"]), NAMES, at=st.integers()),
    st.builds(end, NAMES, st.sampled_from(["deployed", "undone", "incomplete"])),
)


@given(st.lists(ENTRIES))
def test_any_journal_can_be_read_and_never_says_two_things(entries: list[dict[str, Any]]) -> None:
    history = read_history(entries)
    assert {each.id for each in history.deployments} == {
        entry["deployment"] for entry in entries if entry["event"] == "begin"
    }
    if history.standing is not None:
        assert (history.standing.action, history.standing.state) == ("apply", "deployed")
    if history.unfinished is not None:
        assert history.unfinished is history.deployments[-1]
        assert history.unfinished.state in UNFINISHED
    for deployment in history.deployments:
        assert deployment.to_json()["id"] == deployment.id
