"""What sandboxed code may ask of the kernel. What is not listed is refused with EPERM.

A condition looks at register arguments only: a filter cannot follow pointers, and what it could
read there another thread could change after the check.
"""

from collections.abc import Mapping
from dataclasses import dataclass

# linux/sched.h. A thread is fine; a process, or a namespace, is not.
_CLONE_THREAD = 0x00010000
_CLONE_NAMESPACES = 0x7E020080  # NEWNS NEWTIME NEWCGROUP NEWUTS NEWIPC NEWUSER NEWPID NEWNET

_AF_UNIX = 1
_SET_ID_BITS = 0o6000
# Size of a terminal, bytes readable, blocking mode, close-on-exec. TIOCSTI would type commands.
_IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
# PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, PR_CAPBSET_READ, PR_GET_NO_NEW_PRIVS, PR_SET_VMA
_PRCTLS = (15, 16, 3, 23, 39, 0x53564D41)
# F_SETOWN, F_SETSIG, F_SETOWN_EX send signals to others; F_SETLEASE and F_NOTIFY watch them;
# F_SETPIPE_SZ takes kernel memory that no limit counts.
_FCNTLS_REFUSED = (8, 10, 15, 1024, 1026, 1031)


@dataclass(frozen=True, slots=True)
class Test:
    """`(argument & mask) == value`, 64 bits wide."""

    argument: int
    value: int
    mask: int = 0xFFFF_FFFF_FFFF_FFFF


@dataclass(frozen=True, slots=True)
class When:
    """A call is allowed when any test holds (`allow`), or when none does (`unless`)."""

    allow: tuple[Test, ...] = ()
    unless: tuple[Test, ...] = ()


FREELY = tuple(
    """
    read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek close close_range
    stat fstat lstat newfstatat statx access faccessat faccessat2 statfs fstatfs
    getdents getdents64 getcwd chdir fchdir rename renameat renameat2 rmdir
    link linkat unlink unlinkat symlink symlinkat readlink readlinkat
    utime utimes futimesat utimensat umask
    truncate ftruncate fallocate fsync fdatasync flock dup dup2 dup3 pipe pipe2
    select pselect6 poll ppoll epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait
    epoll_pwait2 eventfd eventfd2 timerfd_create timerfd_settime timerfd_gettime signalfd signalfd4
    sendfile copy_file_range fadvise64 mmap munmap mprotect mremap brk madvise mincore msync
    rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend sigaltstack
    pause alarm setitimer getitimer timer_create timer_settime timer_gettime timer_getoverrun
    timer_delete getpid gettid getppid getuid geteuid getgid getegid getresuid getresgid getgroups
    getpgrp getpgid getsid getrusage times sysinfo uname getcpu capget getrlimit getpriority
    clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time getrandom sched_yield
    sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max
    sched_get_priority_min sched_getattr futex futex_waitv set_robust_list get_robust_list rseq
    set_tid_address arch_prctl exit exit_group restart_syscall membarrier wait4 waitid
    getsockopt setsockopt getsockname getpeername shutdown recvfrom recvmsg
    """.split()  # noqa: SIM905  # a table of words, not a column of quotes
)

# Callers of these fall back to older calls when told that the kernel has none; EPERM would be
# taken as final. clone3 and openat2 pass their flags by pointer, where no filter can see them.
UNKNOWN_TO_US = tuple(
    """
    clone3 openat2 pkey_alloc pkey_free pkey_mprotect io_uring_setup io_uring_enter
    io_uring_register mseal map_shadow_stack
    """.split()  # noqa: SIM905  # a table of words, not a column of quotes
)


def conditional(*, own_pid: int, exec_path_address: int | None) -> Mapping[str, When]:
    """The calls that depend on their arguments.

    Args:
        own_pid: the only process that may be signalled.
        exec_path_address: where the launcher keeps the path of the one program it starts; after
            that program has replaced it, the address means nothing. None: nothing is executed.
    """
    exec_path = () if exec_path_address is None else (Test(0, exec_path_address),)
    itself = (Test(0, own_pid, 0xFFFF_FFFF),)
    return {
        "clone": When(allow=(Test(0, _CLONE_THREAD, _CLONE_THREAD | _CLONE_NAMESPACES),)),
        "execve": When(allow=exec_path),
        "kill": When(allow=itself),
        "tgkill": When(allow=itself),
        "prlimit64": When(allow=(Test(2, 0),)),
        "prctl": When(allow=tuple(Test(0, option, 0xFFFF_FFFF) for option in _PRCTLS)),
        "ioctl": When(allow=tuple(Test(1, request, 0xFFFF_FFFF) for request in _IOCTLS)),
        "fcntl": When(unless=tuple(Test(1, code, 0xFFFF_FFFF) for code in _FCNTLS_REFUSED)),
        "socketpair": When(allow=(Test(0, _AF_UNIX, 0xFFFF_FFFF),)),
        # With an address it would reach any socket of the machine that is bound to a path.
        "sendto": When(allow=(Test(4, 0),)),
        # A set-user-id file of ours, left behind, would run with our rights in other hands.
        "open": _no_set_id(2),
        "openat": _no_set_id(3),
        "creat": _no_set_id(1),
        "mkdir": _no_set_id(1),
        "mkdirat": _no_set_id(2),
        "chmod": _no_set_id(1),
        "fchmod": _no_set_id(1),
        "fchmodat": _no_set_id(2),
        "fchmodat2": _no_set_id(2),
    }


def _no_set_id(argument: int) -> When:
    return When(allow=(Test(argument, 0, _SET_ID_BITS),))
