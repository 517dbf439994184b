from typing import Any

import pytest

from tieline.dialects.guide import GUIDE
from tieline.dialects.platform import PLATFORM
from tieline.dialects.port import Order, Progress
from tieline.errors import (
    ApiError,
    CircuitOpen,
    DeadlineExceeded,
    InvalidInput,
    LimitExceeded,
    NetworkError,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    RateLimited,
    StoreUnavailable,
)
from tieline.invocations.effects import (
    Conclude,
    Intend,
    NoteRefused,
    NoteRunning,
    Recall,
    Remember,
    Start,
    Wait,
)
from tieline.invocations.outcome import Outcome, Target
from tieline.invocations.pipeline import invoke, launch, resume
from tieline.invocations.terms import Terms

FLOW = "3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11"
ACTION = "custom_-_7c1d8a52-3b0e-4f6e-9a53-1d2f5b8c9e01"
CODE = {
    "id": "f1",
    "name": "Enrich",
    "inputs": ["customerId", "sessionId"],
    "sandbox": {"timeout": 60},
    "status": "active",
}
TERMS = Terms(started=100.0, timeout=60.0)
UNKNOWN = OutcomeUnknown("no answer", hint="look", correlation_id="corr-9", attempts=1)


def execution(status: str, **more: Any) -> dict[str, Any]:
    return {"id": "e1", "status": status, **more}


def code_order(**inputs: Any) -> Order:
    return Order("f1", inputs, time_limit_s=30.0)


def test_an_invocation_is_checked_then_intended_then_started_then_followed_then_recorded(
    shell: Any,
) -> None:
    shell.definition = CODE
    shell.starts = [execution("queued")]
    shell.looks = [execution("running"), execution("completed", result={"tier": "gold"})]

    outcome = shell.run(invoke(GUIDE.functions, code_order(customerId="1"), TERMS))

    assert outcome.status == "completed"
    assert outcome.result == {"tier": "gold"}
    assert outcome.target == Target("function", "f1", "Enrich", None)
    assert (outcome.execution_id, outcome.audit_id, outcome.attempts) == ("e1", "log:2", 1)
    assert shell.kinds() == [
        "Define", "Intend", "Start", "NoteRunning",
        "Report", "Wait", "Look", "Report", "Wait", "Look", "Conclude",
    ]  # fmt: skip


def test_latency_runs_from_the_call_to_the_end(shell: Any) -> None:
    shell.definition = CODE
    shell.starts = [execution("queued")]
    shell.looks = [execution("completed")]

    outcome = shell.run(invoke(GUIDE.functions, code_order(), TERMS))

    assert outcome.latency_ms == 1000.0  # one pause of a second


def test_a_synchronous_target_is_over_when_it_is_answered(shell: Any) -> None:
    shell.definition = {"id": ACTION, "name": "lookup", "version": 3}
    shell.starts = [{"customerName": "Ada"}]

    outcome = shell.run(invoke(PLATFORM.actions, Order(ACTION, {"customerId": "1"}), TERMS))

    assert outcome.status == "completed"
    assert outcome.result == {"customerName": "Ada"}
    assert outcome.target.version == "3"
    assert shell.kinds() == ["Define", "Intend", "Start", "Conclude"]


REFUSED_BEFORE_SENDING = [
    ("a key the function does not name", {"nope": 1}, CODE, InvalidInput, "customerId, sessionId"),
    ("an inactive function", {}, {**CODE, "status": "draft"}, InvalidInput, "not active"),
    (
        "a sandbox that allows less than is needed",
        {},
        {**CODE, "sandbox": {"timeout": 10}},
        LimitExceeded,
        "its sandbox timeout is 10 s and 30 s are needed",
    ),
    ("an unknown function", {}, NotFound("no such function", status=404), NotFound, "no such"),
    ("NaN", {"customerId": float("nan")}, CODE, InvalidInput, "NaN"),
]


@pytest.mark.parametrize(
    ("given", "definition", "error", "says"),
    [row[1:] for row in REFUSED_BEFORE_SENDING],
    ids=[row[0] for row in REFUSED_BEFORE_SENDING],
)
def test_nothing_is_intended_or_sent_for(
    shell: Any, given: Any, definition: Any, error: type[Exception], says: str
) -> None:
    shell.definition = definition

    with pytest.raises(error, match=says):
        shell.run(invoke(GUIDE.functions, code_order(**given), TERMS))

    assert not shell.of(Intend)
    assert not shell.of(Start)


def test_a_client_that_may_execute_and_not_view_leaves_the_check_to_the_far_side(
    shell: Any,
) -> None:
    shell.definition = PermissionDenied("may not view", status=403)
    shell.starts = [{"ok": True}]

    outcome = shell.run(invoke(PLATFORM.actions, Order(ACTION, {"anything": 1}), TERMS))

    assert outcome.status == "completed"


def test_an_intent_that_is_not_durable_stops_everything(shell: Any) -> None:
    steps = invoke(GUIDE.flows, Order(FLOW, {}, user_id=FLOW), TERMS)
    assert isinstance(next(steps), Intend)

    from tieline.invocations.effects import Reply

    with pytest.raises(StoreUnavailable):
        steps.send(Reply(100.0, error=StoreUnavailable("disk full")))


def test_a_start_whose_answer_was_lost_is_uncertain_and_never_sent_again(shell: Any) -> None:
    shell.starts = [UNKNOWN]

    outcome = shell.run(invoke(GUIDE.flows, Order(FLOW, {}, user_id=FLOW), TERMS))

    assert outcome.status == "uncertain"
    assert outcome.correlation_id == "corr-9"
    assert outcome.error["code"] == "OUTCOME_UNKNOWN"
    assert len(shell.of(Start)) == 1
    assert not shell.of(Wait)


def test_a_start_whose_answer_breaks_the_contract_is_uncertain(shell: Any) -> None:
    shell.starts = [{"no": "id"}]

    outcome = shell.run(invoke(GUIDE.flows, Order(FLOW, {}, user_id=FLOW), TERMS))

    assert outcome.status == "uncertain"
    assert "executionId" in outcome.error["message"]


@pytest.mark.parametrize(
    "error",
    [
        ApiError("bad", status=400, correlation_id="c"),
        NetworkError("refused"),
        CircuitOpen("open"),
        DeadlineExceeded("late"),
        RateLimited("busy", status=429),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_refusal_is_recorded_and_raised(shell: Any, error: Exception) -> None:
    shell.starts = [error]

    with pytest.raises(type(error)):
        shell.run(invoke(GUIDE.flows, Order(FLOW, {}, user_id=FLOW), TERMS))

    assert [note.error for note in shell.of(NoteRefused)] == [error]
    assert not shell.of(Conclude)


def test_an_action_that_ran_and_failed_is_an_outcome_not_an_error(shell: Any) -> None:
    body = {"errors": [{"message": "REST call for action execute failed. Message: boom"}]}
    detail = {"errorCode": "ACTION.REMOTE_ENDPOINT"}
    shell.definition = {"id": ACTION}
    shell.starts = [ApiError("500", status=500, body=body, details=[detail], attempts=1)]

    outcome = shell.run(invoke(PLATFORM.actions, Order(ACTION, {}), TERMS))

    assert outcome.status == "failed"
    assert "boom" in outcome.error["message"]


def test_a_wait_that_ends_by_the_deadline_keeps_the_execution_id(shell: Any) -> None:
    shell.starts = [{"executionId": "e1", "status": "QUEUED"}]
    shell.looks = [{"id": "e1", "status": "RUNNING"}] * 100

    outcome = shell.run(invoke(GUIDE.flows, Order(FLOW, {}, user_id=FLOW), TERMS))

    assert (outcome.status, outcome.execution_id) == ("timed_out", "e1")
    assert outcome.error["limit"] == "timeout of the call"
    assert "e1" in outcome.error["hint"]
    assert shell.now <= TERMS.deadline


def test_a_far_side_that_timed_out_says_which_limit(shell: Any) -> None:
    shell.definition = CODE
    shell.starts = [execution("queued")]
    shell.looks = [execution("timed_out")]

    outcome = shell.run(invoke(GUIDE.functions, code_order(), TERMS))

    assert outcome.status == "timed_out"
    assert outcome.error["limit"] == "time limit of the function on the far side"


@pytest.mark.parametrize(
    "trouble",
    [
        NetworkError("reset"),
        CircuitOpen("open"),
        ApiError("503", status=503),
        {"id": "e1"},  # no status: the far side broke its contract
        {"id": "e1", "status": "NEVER HEARD OF"},
        NotFound("not yet", status=404),
    ],
    ids=["reset", "open", "503", "no status", "unknown status", "not there yet"],
)
def test_trouble_while_looking_does_not_end_an_invocation(shell: Any, trouble: Any) -> None:
    shell.definition = {"id": FLOW}
    shell.starts = [{"id": "e1"}]
    shell.looks = [trouble, {"id": "e1", "status": "COMPLETED", "outputData": {"a": 1}}]

    outcome = shell.run(invoke(PLATFORM.flows, Order(FLOW, {}), TERMS))

    assert (outcome.status, outcome.result) == ("completed", {"a": 1})


def test_an_execution_that_is_still_missing_after_ten_seconds_is_an_error(shell: Any) -> None:
    shell.definition = {"id": FLOW}
    shell.starts = [{"id": "e1"}]
    shell.looks = [NotFound("no such execution", status=404)] * 20

    with pytest.raises(NotFound) as caught:
        shell.run(invoke(PLATFORM.flows, Order(FLOW, {}), TERMS))

    assert "e1" in caught.value.hint
    assert shell.now >= 110.0


def test_a_permission_that_is_missing_for_looking_is_raised_with_the_execution(shell: Any) -> None:
    shell.definition = {"id": FLOW}
    shell.starts = [{"id": "e1"}]
    shell.looks = [PermissionDenied("may not view executions", status=403, hint="ask")]

    with pytest.raises(PermissionDenied) as caught:
        shell.run(invoke(PLATFORM.flows, Order(FLOW, {}), TERMS))

    assert caught.value.hint == "ask; the flow was started and goes on as execution e1"


@pytest.mark.parametrize(
    "error", [RateLimited("for an hour", status=429), DeadlineExceeded("late")], ids=["429", "late"]
)
def test_no_time_for_another_look_is_a_time_out_not_a_failure(shell: Any, error: Any) -> None:
    shell.definition = {"id": FLOW}
    shell.starts = [{"id": "e1"}]
    shell.looks = [error]

    outcome = shell.run(invoke(PLATFORM.flows, Order(FLOW, {}), TERMS))

    assert (outcome.status, outcome.execution_id) == ("timed_out", "e1")


ENDS = [
    ("COMPLETED", "completed"),
    ("completed", "completed"),
    ("Failed", "failed"),
    ("ERROR", "failed"),
    ("TERMINATED", "terminated"),
]


@pytest.mark.parametrize(("word", "status"), ENDS)
def test_a_flows_last_word_is_read_in_any_case(shell: Any, word: str, status: str) -> None:
    shell.definition = {"id": FLOW}
    shell.starts = [{"id": "e1"}]
    shell.looks = [{"id": "e1", "status": word}]

    outcome = shell.run(invoke(PLATFORM.flows, Order(FLOW, {}), TERMS))

    assert outcome.status == status


def earlier() -> Outcome:
    target = Target("function", "f1")
    return Outcome("completed", target, "e0", {"old": 1}, None, 1, False, "c0", 900.0, "log:0")


REUSING = Terms(started=100.0, timeout=60.0, reuse=True)


def test_an_equal_invocation_that_completed_lately_is_not_executed_again(shell: Any) -> None:
    shell.definition = CODE
    shell.recalled = earlier()

    outcome = shell.run(invoke(GUIDE.functions, code_order(customerId="1"), REUSING))

    assert outcome.cached
    assert (outcome.result, outcome.attempts, outcome.execution_id) == ({"old": 1}, 0, "e0")
    assert outcome.target.name == "Enrich"
    assert not shell.of(Start)
    assert shell.of(Conclude)[0].intent_id is None


@pytest.mark.parametrize(
    ("end", "kept"), [("completed", True), ("failed", False), ("timed_out", False)]
)
def test_only_completed_results_are_kept(shell: Any, end: str, kept: bool) -> None:
    shell.definition = CODE
    shell.starts = [execution("queued")]
    shell.looks = [execution(end)]

    shell.run(invoke(GUIDE.functions, code_order(), REUSING))

    assert bool(shell.of(Remember)) is kept
    assert len(shell.of(Recall)) == 1


def test_a_launch_returns_at_once_and_says_that_it_runs(shell: Any) -> None:
    shell.definition = {"id": FLOW, "name": "Triage"}
    shell.starts = [{"id": "e1"}]

    started = shell.run(launch(PLATFORM.flows, Order(FLOW, {}), TERMS))

    assert started.progress.execution_id == "e1"
    assert [note.execution_id for note in shell.of(NoteRunning)] == ["e1"]


def test_a_launch_whose_answer_was_lost_is_recorded_as_uncertain_and_raised(shell: Any) -> None:
    shell.definition = {"id": FLOW}
    shell.starts = [UNKNOWN]

    with pytest.raises(OutcomeUnknown):
        shell.run(launch(PLATFORM.flows, Order(FLOW, {}), TERMS))

    assert [end.outcome.status for end in shell.of(Conclude)] == ["uncertain"]


def test_an_execution_is_picked_up_again_by_its_id(shell: Any) -> None:
    shell.looks = [{"id": "e1", "status": "COMPLETED"}]
    steps = resume(
        PLATFORM.flows,
        Target("flow", FLOW),
        Progress("running", "e1"),
        TERMS,
        intent_id="log:1",
        attempts=1,
        correlation_id="c1",
    )

    outcome = shell.run(steps)

    assert (outcome.status, outcome.attempts, outcome.correlation_id) == ("completed", 1, "c1")
    assert shell.of(Conclude)[0].intent_id == "log:1"
    assert not shell.of(Start)


def test_an_action_is_found_by_its_exact_name(shell: Any) -> None:
    shell.found = (ACTION,)
    shell.definition = {"id": ACTION, "name": "lookup"}
    shell.starts = [{}]

    outcome = shell.run(invoke(PLATFORM.actions, Order("lookup", {}), TERMS))

    assert outcome.target.id == ACTION


@pytest.mark.parametrize(("found", "error"), [((), NotFound), (("a", "b"), InvalidInput)])
def test_a_name_that_means_no_action_or_several_is_refused(
    shell: Any, found: Any, error: type[Exception]
) -> None:
    shell.found = found

    with pytest.raises(error):
        shell.run(invoke(PLATFORM.actions, Order("lookup", {}), TERMS))

    assert not shell.of(Start)
