"""Measure processes from outside, through /proc. A process that has ended counts as nothing."""

import os
import time
from collections import defaultdict
from dataclasses import dataclass

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK_S = 1.0 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a set of processes uses at one moment."""

    rss_bytes: int = 0
    cpu_s: float = 0.0
    tasks: int = 0


def read(pids: list[int]) -> Reading:
    """Add up memory, CPU time (children they waited for included), processes and threads."""
    rss, cpu, tasks = 0, 0.0, 0
    for pid in pids:
        fields = _stat(pid)
        if fields is None:
            continue
        # proc(5), counted from field 3, `state`: 16-17 waited-for children's times, 20 threads,
        # 24 resident pages.
        cpu += _cpu_clock(pid) + (int(fields[13]) + int(fields[14])) * _TICK_S
        tasks += int(fields[17])
        rss += int(fields[21]) * _PAGE
    return Reading(rss, cpu, tasks)


def peak_rss_bytes(pid: int) -> int:
    """The most memory a living process ever had resident; 0 for one that has ended."""
    for line in _content(f"/proc/{pid}/status", 4096).splitlines():
        if line.startswith(b"VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def descendants(ancestor: int) -> list[int]:
    """Every living process below `ancestor`. Costs a walk over the whole process table."""
    children: dict[int, list[int]] = defaultdict(list)
    for name in _numbers("/proc"):
        fields = _stat(name)
        if fields is not None and fields[0] not in (b"Z", b"X"):
            children[int(fields[1])].append(name)
    found, todo = list[int](), [ancestor]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found


def folder_bytes(path: str, *, most: int) -> int:
    """Size of all files beneath a folder; stops counting beyond `most`. An entry counts 512."""
    total, todo = 0, [path]
    while todo and total <= most:
        try:
            with os.scandir(todo.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        todo.append(entry.path)
                    status = entry.stat(follow_symlinks=False)
                    total += 512 + min(status.st_size, status.st_blocks * 512)
        except OSError:
            continue
    return total


def _numbers(folder: str) -> list[int]:
    try:
        return [int(name) for name in os.listdir(folder) if name.isdigit()]
    except OSError:
        return []


def _stat(pid: int) -> list[bytes] | None:
    content = _content(f"/proc/{pid}/stat", 1024)
    # The name, in parentheses, may hold anything, a closing parenthesis included.
    return content[content.rfind(b")") + 2 :].split() if content else None


def _content(path: str, most: int) -> bytes:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.read(fd, most)
    except OSError:
        return b""
    finally:
        os.close(fd)


def _cpu_clock(pid: int) -> float:
    # linux/posix-timers.h: the CPU clock of a whole process, exact where /proc counts in ticks.
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0
