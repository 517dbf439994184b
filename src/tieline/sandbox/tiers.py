"""Which tiers this machine has, why another is missing, and which one a run gets."""

import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache

from tieline.sandbox.installation import installation
from tieline.sandbox.limits import TIERS, Tier

_PROBE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class TierState:
    """One tier on this machine. `reason` says what is missing, empty when it is available."""

    tier: Tier
    reason: str = ""

    @property
    def available(self) -> bool:
        """True when everything the tier promises can be kept here."""
        return not self.reason


@dataclass(frozen=True, slots=True)
class KernelFacts:
    """What decides whether `confined` can be kept; read once, plain data for the decision."""

    system: str
    machine: str | None
    landlock_abi: int
    seccomp_filters: bool


class TierUnavailable(Exception):
    """The tier that was asked for cannot be had; nothing was run."""


@cache
def available_tiers() -> tuple[TierState, ...]:
    """The three tiers, weakest first, each with the reason why it is not available."""
    confined = confined_missing(_kernel_facts())
    hardened = confined or _hardened_missing()
    return (
        TierState("process", _process_missing()),
        TierState("confined", confined),
        TierState("hardened", hardened),
    )


def choose_tier(states: tuple[TierState, ...], *, tier: Tier | None, require: Tier | None) -> Tier:
    """The tier a run gets.

    Args:
        states: what `available_tiers` says.
        tier: exactly this one; None takes `confined` where it is available, else `process`.
        require: at least this one.

    Raises:
        TierUnavailable: it cannot be had here, or `tier` is weaker than `require`. A weaker one
            is never taken instead.
    """
    reasons = {state.tier: state.reason for state in states}
    wanted = tier or ("confined" if not reasons["confined"] else "process")
    if require is not None and TIERS.index(wanted) < TIERS.index(require):
        if tier is not None:
            raise TierUnavailable(f"tier {tier} was asked for, and {require} is required")
        wanted = require
    if reasons[wanted]:
        raise TierUnavailable(f"tier {wanted} is not available: {reasons[wanted]}")
    return wanted


def strictest_tier(states: tuple[TierState, ...]) -> Tier:
    """The strongest tier that is available.

    Raises:
        TierUnavailable: none is.
    """
    for state in reversed(states):
        if state.available:
            return state.tier
    raise TierUnavailable(f"no tier is available: {states[0].reason}")


def confined_missing(facts: KernelFacts) -> str:
    """What `confined` lacks, as a sentence; empty when it can be kept."""
    from tieline.sandbox.kernel.landlock import MINIMUM_ABI  # noqa: PLC0415  # loads libc

    if facts.system != "linux":
        return "it needs Linux"
    if facts.machine is None:
        return "there is no system call table for this machine; x86-64 and aarch64 have one"
    if facts.landlock_abi == 0:
        return "this kernel has no Landlock, or it is switched off (kernel parameter lsm=)"
    if facts.landlock_abi < MINIMUM_ABI:
        return f"Landlock ABI {facts.landlock_abi} is too old, {MINIMUM_ABI} is needed (Linux 6.2)"
    if not facts.seccomp_filters:
        return "this kernel has no seccomp filters"
    return ""


def _kernel_facts() -> KernelFacts:
    if sys.platform != "linux":
        return KernelFacts(sys.platform, None, 0, False)
    from tieline.sandbox.kernel import calls, landlock  # noqa: PLC0415  # loads libc

    machine = calls.machine()
    filters = machine is not None and calls.filters_work()
    return KernelFacts(sys.platform, machine, landlock.abi(), filters)


def _process_missing() -> str:
    if sys.platform != "linux":
        return "it needs Linux: packet sockets, a subreaper and /proc"
    return ""


def _hardened_missing() -> str:
    bwrap = installation().bwrap
    if not bwrap:
        return "bubblewrap is not installed (Debian, Fedora: package bubblewrap)"
    probe = [bwrap, "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc"]
    probe += ["--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--", "/bin/true"]
    try:
        ended = subprocess.run(  # noqa: S603  # an absolute path, no input
            probe, capture_output=True, timeout=_PROBE_SECONDS, check=False, env={}
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        return f"bubblewrap does not start: {exc}"
    if ended.returncode:
        said = os.fsdecode(ended.stderr).strip().splitlines()
        return f"bubblewrap may not make namespaces here: {said[-1] if said else 'no reason given'}"
    return ""
