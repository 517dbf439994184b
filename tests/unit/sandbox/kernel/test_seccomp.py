"""The filter is run here by a small BPF machine, on made-up system calls."""

import errno
import struct
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.sandbox.kernel.policy import FREELY, UNKNOWN_TO_US, conditional
from tieline.sandbox.kernel.seccomp import program
from tieline.sandbox.kernel.syscalls import AUDIT_ARCH, Machine, known_machine, number

ALLOW, KILL = "allow", "kill"
MACHINES: tuple[Machine, ...] = ("x86_64", "aarch64")
PID = 4711
PATH_AT = 0x7F00_1234_5678


@cache
def instructions(machine: Machine) -> list[tuple[int, ...]]:
    code = program(machine, own_pid=PID, exec_path_address=PATH_AT)
    return [struct.unpack_from("=HBBI", code, at) for at in range(0, len(code), 8)]


def answer(machine: Machine, call: int, *arguments: int, arch: int | None = None) -> str | int:
    filled = [*arguments, *[0] * (6 - len(arguments))]
    audit = AUDIT_ARCH[machine] if arch is None else arch
    data = struct.pack("=IIQ6Q", call, audit, 0, *[a & (2**64 - 1) for a in filled])
    steps = instructions(machine)
    register, at = 0, 0
    while True:
        operation, if_true, if_false, constant = steps[at]
        at += 1
        match operation:
            case 0x20:
                (register,) = struct.unpack_from("=I", data, constant)
            case 0x54:
                register &= constant
            case 0x15:
                at += if_true if register == constant else if_false
            case 0x35:
                at += if_true if register >= constant else if_false
            case 0x06:
                return _meaning(constant)


def _meaning(action: int) -> str | int:
    if action == 0x7FFF0000:
        return ALLOW
    if action == 0x80000000:
        return KILL
    assert action >> 16 == 5
    return action & 0xFFFF


def by_name(machine: Machine, name: str, *arguments: int) -> str | int:
    call = number(name, machine)
    assert call is not None
    return answer(machine, call, *arguments)


@pytest.mark.parametrize("machine", MACHINES)
def test_every_call_of_the_policy_gets_its_answer_on_each_machine(machine: Machine) -> None:
    for name in FREELY:
        if number(name, machine) is not None:
            assert by_name(machine, name, 1, 2, 3) == ALLOW
    for name in UNKNOWN_TO_US:
        assert by_name(machine, name) == errno.ENOSYS


@given(machine=st.sampled_from(MACHINES), call=st.integers(0, 2**31))
def test_a_call_the_policy_does_not_name_is_refused(machine: Machine, call: int) -> None:
    named = {*FREELY, *UNKNOWN_TO_US, *conditional(own_pid=1, exec_path_address=None)}

    if call not in {number(name, machine) for name in named}:
        assert answer(machine, call) == errno.EPERM


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_of_another_architecture_end_the_process(machine: Machine) -> None:
    assert answer(machine, 0, arch=0x40000003) == KILL


def test_the_x32_form_of_an_allowed_call_is_refused() -> None:
    assert answer("x86_64", 0x40000000) == errno.EPERM


CASES = [
    ("a thread", "clone", (0x003D0F00,), ALLOW),
    ("a process", "clone", (17,), errno.EPERM),
    ("a thread in a new user namespace", "clone", (0x10010000,), errno.EPERM),
    ("the one program, at its address", "execve", (PATH_AT,), ALLOW),
    ("another program", "execve", (PATH_AT + 1,), errno.EPERM),
    ("the same low half of the address", "execve", (PATH_AT + 2**32,), errno.EPERM),
    ("a signal to oneself", "kill", (PID, 9), ALLOW),
    ("a signal to another", "kill", (1, 9), errno.EPERM),
    ("a signal to everyone", "kill", (-1, 9), errno.EPERM),
    ("a signal to the group", "kill", (0, 9), errno.EPERM),
    ("reading a limit", "prlimit64", (0, 7, 0, 1), ALLOW),
    ("setting a limit", "prlimit64", (0, 7, 2**40, 0), errno.EPERM),
    ("naming a thread", "prctl", (15,), ALLOW),
    ("becoming traceable", "prctl", (4, 1), errno.EPERM),
    ("typing into a terminal", "ioctl", (0, 0x5412), errno.EPERM),
    ("close-on-exec", "fcntl", (3, 2, 1), ALLOW),
    ("signals by a pipe's owner", "fcntl", (3, 8, 1), errno.EPERM),
    ("a pair of local sockets", "socketpair", (1, 1), ALLOW),
    ("a pair of anything else", "socketpair", (2, 1), errno.EPERM),
    ("to the connected peer", "sendto", (3, 1, 1, 0, 0), ALLOW),
    ("to an address", "sendto", (3, 1, 1, 0, 2**40), errno.EPERM),
    ("an ordinary file", "openat", (-100, 1, 0o101, 0o644), ALLOW),
    ("a set-user-id file", "openat", (-100, 1, 0o101, 0o4755), errno.EPERM),
    ("a set-group-id folder", "fchmodat", (-100, 1, 0o2755), errno.EPERM),
]


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("name", "arguments", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_arguments_decide(
    machine: Machine, name: str, arguments: tuple[int, ...], expected: str | int
) -> None:
    assert by_name(machine, name, *arguments) == expected


def test_without_an_address_nothing_is_executed() -> None:
    assert conditional(own_pid=1, exec_path_address=None)["execve"].allow == ()


def test_machines_are_known_by_the_names_systems_give_them() -> None:
    assert known_machine("AMD64") == "x86_64"
    assert known_machine("arm64") == "aarch64"
    assert known_machine("riscv64") is None
