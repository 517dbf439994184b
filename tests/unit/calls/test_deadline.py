from tieline.calls.deadline import Deadline


def test_what_is_left_is_never_negative() -> None:
    deadline = Deadline.after(5.0, now=100.0)

    assert deadline.remaining(101.0) == 4.0
    assert deadline.remaining(200.0) == 0.0


def test_a_wait_that_uses_the_time_up_is_not_allowed() -> None:
    deadline = Deadline.after(5.0, now=0.0)

    assert deadline.allows(4.9, now=0.0)
    assert not deadline.allows(5.0, now=0.0)
