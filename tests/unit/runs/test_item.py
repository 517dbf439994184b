from tieline.runs.item import NEXT, STATES, is_settled, may_become


def test_a_sent_item_never_becomes_sent_again_without_being_pending_in_between() -> None:
    assert [state for state in STATES if may_become(state, "sent")] == ["pending"]


def test_nothing_leaves_done_or_failed_and_uncertain_is_not_settled() -> None:
    assert [state for state in STATES if is_settled(state)] == ["done", "failed"]


def test_every_state_can_be_reached_and_every_move_leads_to_a_state() -> None:
    reached = set().union(*NEXT.values())

    assert reached == set(STATES) == set(NEXT)
