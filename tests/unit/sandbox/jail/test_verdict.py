import json
import signal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.sandbox.jail.verdict import NOT_DELIVERED, Breach, Seen, judge

BREACH = Breach("wall", "still running after 1 s")
TOLD = json.dumps({"reason": "exception", "error": {"type": "ValueError", "message": "x"}}).encode()

CASES = [
    ("a result was delivered", Seen(delivered=True, exit_code=-9), "completed", None),
    ("a breach wins over a result", Seen(breach=BREACH, delivered=True), "timed_out", "wall"),
    ("any other breach has failed", Seen(breach=Breach("cpu", "")), "failed", "cpu"),
    ("the runner told why", Seen(failure=TOLD, exit_code=0), "failed", "exception"),
    ("what it told is no JSON", Seen(failure=b"{"), "failed", "crashed"),
    (
        "it told a limit that only we see",
        Seen(failure=b'{"reason":"wall","error":{}}'),
        "failed",
        "crashed",
    ),
    ("it exited by itself", Seen(exit_code=0), "failed", "exited"),
    ("it could not hand over", Seen(exit_code=NOT_DELIVERED), "failed", "no_result"),
    ("an await that never settled", Seen(exit_code=13), "failed", "no_result"),
    ("a signal ended it", Seen(exit_code=-signal.SIGKILL), "failed", "crashed"),
    ("a real-time signal ended it", Seen(exit_code=-40), "failed", "crashed"),
    ("aborted with memory to spare", Seen(exit_code=-signal.SIGABRT), "failed", "crashed"),
    ("aborted near the limit", Seen(exit_code=-signal.SIGABRT, rss_share=0.7), "failed", "memory"),
    (
        "aborted, saying why",
        Seen(exit_code=-signal.SIGABRT, log_tail=b"JavaScript heap out of memory"),
        "failed",
        "memory",
    ),
    ("the kernel's own CPU limit", Seen(exit_code=-signal.SIGXCPU), "failed", "cpu"),
    ("nobody knows", Seen(), "failed", "crashed"),
]


@pytest.mark.parametrize(
    ("seen", "status", "reason"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_how_it_ended(seen: Seen, status: str, reason: str | None) -> None:
    verdict = judge(seen)

    assert (verdict.status, verdict.reason) == (status, reason)
    assert (verdict.error is None) == (reason is None)


@given(st.binary())
def test_whatever_a_runner_tells_it_cannot_complete_or_time_out(failure: bytes) -> None:
    assert judge(Seen(failure=failure)).status == "failed"
