import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.sandbox.limits import TIERS, Tier
from tieline.sandbox.tiers import (
    KernelFacts,
    TierState,
    TierUnavailable,
    choose_tier,
    confined_missing,
    strictest_tier,
)


def states(*available: Tier) -> tuple[TierState, ...]:
    return tuple(TierState(tier, "" if tier in available else "missing") for tier in TIERS)


def test_confined_is_taken_where_it_is_available_and_process_elsewhere() -> None:
    assert choose_tier(states(*TIERS), tier=None, require=None) == "confined"
    assert choose_tier(states("process"), tier=None, require=None) == "process"


def test_a_required_tier_above_the_usual_one_is_taken() -> None:
    assert choose_tier(states(*TIERS), tier=None, require="hardened") == "hardened"


tiers = st.none() | st.sampled_from(TIERS)


@given(available=st.sets(st.sampled_from(TIERS)), tier=tiers, require=tiers)
def test_no_run_is_weaker_than_required_or_other_than_asked(
    available: set[Tier], tier: Tier | None, require: Tier | None
) -> None:
    try:
        chosen = choose_tier(states(*available), tier=tier, require=require)
    except TierUnavailable:
        return

    assert chosen in available
    assert tier in {None, chosen}
    assert require is None or TIERS.index(chosen) >= TIERS.index(require)


def test_asking_for_less_than_required_is_refused() -> None:
    with pytest.raises(
        TierUnavailable, match="tier process was asked for, and confined is required"
    ):
        choose_tier(states(*TIERS), tier="process", require="confined")


def test_the_strictest_is_the_last_available() -> None:
    assert strictest_tier(states("process", "confined")) == "confined"
    with pytest.raises(TierUnavailable, match="no tier is available: missing"):
        strictest_tier(states())


GOOD = KernelFacts("linux", "x86_64", 7, seccomp_filters=True)
LACKING = [
    ("everything is there", GOOD, ""),
    ("another system", KernelFacts("darwin", None, 0, seccomp_filters=False), "it needs Linux"),
    ("another machine", KernelFacts("linux", None, 7, seccomp_filters=True), "system call table"),
    ("no Landlock", KernelFacts("linux", "x86_64", 0, seccomp_filters=True), "no Landlock"),
    (
        "an old Landlock",
        KernelFacts("linux", "aarch64", 2, seccomp_filters=True),
        "ABI 2 is too old",
    ),
    ("no seccomp", KernelFacts("linux", "x86_64", 7, seccomp_filters=False), "no seccomp filters"),
]


@pytest.mark.parametrize(("facts", "reason"), [c[1:] for c in LACKING], ids=[c[0] for c in LACKING])
def test_a_kernel_that_lacks_a_piece_has_no_confined_tier(facts: KernelFacts, reason: str) -> None:
    found = confined_missing(facts)

    assert reason in found
    assert bool(found) == bool(reason)
