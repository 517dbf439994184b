"""The process that will run the handler: cut loose, locked in, then Python here, or Node."""

import contextlib
import ctypes
import os
import secrets
import signal
import socket

from tieline.sandbox.jail.confinement import SYSTEM_READ, Confinement, limit_resources
from tieline.sandbox.jail.logs import LogCollector
from tieline.sandbox.jail.spec import SlotSpec
from tieline.sandbox.kernel import calls
from tieline.sandbox.python import runner

# The channel's number is drawn from here: above the files a handler opens, whose limit is 256.
_CHANNEL_FROM, _CHANNEL_RANGE = 300, 500
# Share of the memory limit Node may use for its heap; the rest is code, buffers and stacks.
_NODE_HEAP_SHARE = 0.75
# Node's start is not the handler's: it gets a second of its own in the kernel's CPU limit.
_NODE_CPU_S = 86_400.0
_NODE_RUNNER = "node/runner.cjs"

BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from tieline.sandbox.jail.{module} import main; sys.path.pop(0); main(*sys.argv[2:])"
)


def start_worker(
    spec: SlotSpec,
    channel: socket.socket,
    logs: LogCollector,
    scratch: str,
    warden_only: tuple[socket.socket, ...],
) -> int:
    """Fork the worker and return its process id; in the child this never returns."""
    warden = os.getpid()
    worker = os.fork()
    if worker:
        return worker
    try:
        calls.die_with_parent(signal.SIGKILL, warden)
        os.setsid()
        for mine in warden_only:
            mine.close()
        fd = _arrange_descriptors(channel, logs)
        _default_signals()
        if spec.tier == "hardened":
            _into_namespaces(spec, fd, scratch)
        else:
            become(spec, fd, scratch)
    finally:
        os._exit(0)


def become(spec: SlotSpec, fd: int, scratch: str) -> None:
    """Lock this process as far as can be before the job, and turn into the runtime."""
    if spec.runtime == "python":
        confinement = Confinement(spec.tier, read=spec.runtime_read, scratch=scratch)
        runner.wait_and_run(confinement, fd, scratch)
    else:
        _turn_into_node(spec, fd, scratch)


def main(spec: str, fd: str, scratch: str) -> None:
    """The same inside bubblewrap, where a fresh interpreter was started."""
    become(SlotSpec.from_json(spec), int(fd), scratch)


def _arrange_descriptors(channel: socket.socket, logs: LogCollector) -> int:
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(logs.stdout.fileno(), 1)
    os.dup2(logs.stderr.fileno(), 2)
    fd = _CHANNEL_FROM + secrets.randbelow(_CHANNEL_RANGE)
    os.dup2(channel.fileno(), fd, inheritable=True)
    # Their objects must not close these numbers later, when others may use them.
    for used in (channel, logs.stdout, logs.stderr):
        used.detach()
    os.closerange(3, fd)
    os.closerange(fd + 1, max(fd + 1, os.sysconf("SC_OPEN_MAX")))
    return fd


def _default_signals() -> None:
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGTSTP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)


def _turn_into_node(spec: SlotSpec, fd: int, scratch: str) -> None:
    limit_resources(cpu_s=_NODE_CPU_S, memory_mb=spec.memory_mb, data_mb=None)
    script = os.path.join(spec.package_root, "tieline", "sandbox", _NODE_RUNNER)
    path = ctypes.create_string_buffer(os.fsencode(spec.node))
    confinement = Confinement(spec.tier, read=spec.runtime_read, scratch=scratch, exec_path=path)
    confinement.enter(code=(*spec.code, os.path.dirname(script)), execute=(spec.node, *_LOADERS))
    heap = f"--max-old-space-size={int(spec.memory_mb * _NODE_HEAP_SHARE)}"
    arguments = (spec.node, heap, "--no-warnings", script, str(fd), scratch)
    calls.execute(path, [os.fsencode(argument) for argument in arguments])


# The dynamic loader is executed by the kernel along with the program that names it.
_LOADERS = (
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/ld-linux-aarch64.so.1",
    "/lib/ld-musl-x86_64.so.1",
    "/lib/ld-musl-aarch64.so.1",
)


def _into_namespaces(spec: SlotSpec, fd: int, scratch: str) -> None:
    package = os.path.join(spec.package_root, "tieline")
    visible = (*SYSTEM_READ, *spec.runtime_read, *spec.code, package, spec.python, spec.node)
    arguments = [
        spec.bwrap,
        "--unshare-user",
        "--unshare-ipc",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-uts",
        "--unshare-cgroup-try",
        "--die-with-parent",
        "--new-session",
        "--clearenv",
        # Root inside would regain capabilities by execve, in its own namespace at least.
        *("--uid", "65534", "--gid", "65534"),
        *("--cap-drop", "ALL"),
        *("--hostname", "sandbox"),
        *("--proc", "/proc"),
        *("--dev", "/dev"),
    ]
    for path in visible:
        if path and not path.startswith("/proc/"):
            arguments += ["--ro-bind-try", path, path]
    arguments += ["--bind", scratch, scratch, "--chdir", scratch, "--", spec.python, "-I", "-S"]
    arguments += ["-c", BOOT.format(module="worker"), spec.package_root]
    arguments += [spec.to_json(), str(fd), scratch]
    with contextlib.suppress(OSError):
        os.execv(spec.bwrap, arguments)  # noqa: S606  # no shell is the point
