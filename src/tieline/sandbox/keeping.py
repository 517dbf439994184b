"""The host's end of the keeper: start it, ask it for slots, keep some ready."""

import contextlib
import socket
import subprocess
from collections import OrderedDict, deque

from tieline.errors import Unsupported
from tieline.sandbox.installation import installation
from tieline.sandbox.jail.spec import SlotSpec
from tieline.sandbox.slot import Slot

# Idle Node workers hold 45 MB each: slots of the specs used longest ago are let go.
_MOST_SPECS_KEPT = 4
_ENDS_WITHIN_SECONDS = 5.0

_BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from tieline.sandbox.jail.keeper import main; sys.path.pop(0); main(int(sys.argv[2]))"
)


class Keeping:
    """One keeper process and the slots it has ready, by spec."""

    def __init__(self, *, ready: int) -> None:
        """`ready` slots are kept for every spec in use; 0 makes each when it is needed."""
        self._ready = ready
        self._slots: OrderedDict[SlotSpec, deque[Slot]] = OrderedDict()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def take(self, spec: SlotSpec) -> Slot:
        """A slot for one run; `fill` afterwards starts another in its place.

        Raises:
            Unsupported: the keeper cannot be started on this machine.
        """
        waiting = self._slots.setdefault(spec, deque())
        self._slots.move_to_end(spec)
        return _first_alive(waiting) or self._make(spec)

    def fill(self, spec: SlotSpec) -> None:
        """Have the slots of this spec ready again, and let go those of specs long unused."""
        waiting = self._slots.setdefault(spec, deque())
        while len(waiting) < self._ready:
            waiting.append(self._make(spec))
        while len(self._slots) > _MOST_SPECS_KEPT:
            _, dropped = self._slots.popitem(last=False)
            for slot in dropped:
                slot.close()

    def close(self) -> None:
        """End every slot and the keeper; returns when the keeper is gone."""
        for waiting in self._slots.values():
            for slot in waiting:
                slot.close()
        self._slots.clear()
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            try:
                self._process.wait(_ENDS_WITHIN_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._control = self._process = None

    def _make(self, spec: SlotSpec) -> Slot:
        ours, wardens = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with wardens:
            request = spec.to_json().encode()
            try:
                socket.send_fds(self._keeper(), [request], [wardens.fileno()])
            except OSError:
                self._restart()
                socket.send_fds(self._keeper(), [request], [wardens.fileno()])
        ours.setblocking(False)
        return Slot(ours, spec.tier)

    def _keeper(self) -> socket.socket:
        if self._control is None:
            self._start()
        control = self._control
        if control is None:
            raise Unsupported("the sandbox's keeper process did not start")
        return control

    def _start(self) -> None:
        here = installation()
        ours, keepers = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with keepers:
            command = [here.python, "-I", "-S", "-X", "utf8", "-c", _BOOT, here.package_root]
            self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and code
                [*command, str(keepers.fileno())],
                env={},
                cwd="/",
                stdin=subprocess.DEVNULL,
                pass_fds=[keepers.fileno()],
                start_new_session=True,
            )
        self._control = ours

    def _restart(self) -> None:
        with contextlib.suppress(OSError):
            self.close()


def _first_alive(waiting: deque[Slot]) -> Slot | None:
    while waiting:
        slot = waiting.popleft()
        if slot.is_alive():
            return slot
        slot.close()
    return None
