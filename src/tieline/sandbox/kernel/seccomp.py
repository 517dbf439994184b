"""Translate the policy into a seccomp filter: classic BPF over `struct seccomp_data`.

Layout of the data (linux/seccomp.h): number at 0, architecture at 4, six 64-bit arguments from 16.
The kernel runs the filter before every call; nothing the process does can take it away again.
"""

import errno
import struct
from collections.abc import Iterator

from tieline.sandbox.kernel.policy import FREELY, UNKNOWN_TO_US, Test, When, conditional
from tieline.sandbox.kernel.syscalls import AUDIT_ARCH, Machine, number

_LOAD = 0x20  # BPF_LD | BPF_W | BPF_ABS
_EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_AT_LEAST = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_AND = 0x54  # BPF_ALU | BPF_AND | BPF_K
_RETURN = 0x06  # BPF_RET | BPF_K

_ALLOW = 0x7FFF0000
_KILL_PROCESS = 0x80000000
_ERRNO = 0x00050000

_AT_NUMBER, _AT_ARCH, _AT_ARGUMENTS = 0, 4, 16
# x86-64 kernels take the x32 calls under the same architecture, with this bit set.
_X32_BIT = 0x40000000
_LOW_32 = 0xFFFF_FFFF

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, constant


def program(machine: Machine, *, own_pid: int, exec_path_address: int | None = None) -> bytes:
    """The filter as an array of `struct sock_filter`, ready for seccomp(2)."""
    rules = conditional(own_pid=own_pid, exec_path_address=exec_path_address)
    code = [*_only(machine)]
    for name in FREELY:
        code += _answer(number(name, machine), _ALLOW)
    for name in UNKNOWN_TO_US:
        code += _answer(number(name, machine), _ERRNO | errno.ENOSYS)
    for name, when in rules.items():
        code += _checked(number(name, machine), when)
    code.append((_RETURN, 0, 0, _ERRNO | errno.EPERM))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)


def _only(machine: Machine) -> Iterator[Instruction]:
    yield (_LOAD, 0, 0, _AT_ARCH)
    yield (_EQUAL, 1, 0, AUDIT_ARCH[machine])
    yield (_RETURN, 0, 0, _KILL_PROCESS)
    yield (_LOAD, 0, 0, _AT_NUMBER)
    if machine == "x86_64":
        yield (_AT_LEAST, 0, 1, _X32_BIT)
        yield (_RETURN, 0, 0, _ERRNO | errno.EPERM)


def _answer(call: int | None, action: int) -> list[Instruction]:
    return [] if call is None else [(_EQUAL, 0, 1, call), (_RETURN, 0, 0, action)]


def _checked(call: int | None, when: When) -> list[Instruction]:
    if call is None:
        return []
    body = [step for test in when.allow for step in _test(test, _ALLOW)]
    body += [step for test in when.unless for step in _test(test, _ERRNO | errno.EPERM)]
    rest = _ALLOW if when.unless else _ERRNO | errno.EPERM
    body.append((_RETURN, 0, 0, rest))
    return [(_EQUAL, 0, len(body), call), *body]


def _test(test: Test, action: int) -> list[Instruction]:
    # Both halves of the argument, low word first; a mismatch in either leaves the test.
    at = _AT_ARGUMENTS + 8 * test.argument
    high_mask, low_mask = test.mask >> 32, test.mask & _LOW_32
    steps: list[Instruction] = []
    if high_mask:
        steps = [(_LOAD, 0, 0, at + 4), (_AND, 0, 0, high_mask), (_EQUAL, 0, 4, test.value >> 32)]
    return [
        *steps,
        (_LOAD, 0, 0, at),
        (_AND, 0, 0, low_mask),
        (_EQUAL, 0, 1, test.value & _LOW_32),
        (_RETURN, 0, 0, action),
    ]
