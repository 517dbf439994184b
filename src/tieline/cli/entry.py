"""Where `tieline` begins: Ctrl-C while the program is still being loaded ends it in order too."""

import signal
import sys

_INTERRUPTED = 130  # `Exit.INTERRUPTED`, which is not loaded yet


def main() -> None:
    """Load the command line, run it, and leave with its exit code."""
    _take_sigterm_for_an_interrupt()
    try:
        from tieline.cli.app import main as run
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted: nothing was begun\n")
        sys.exit(_INTERRUPTED)
    run()


def _take_sigterm_for_an_interrupt() -> None:
    """Whoever stops a service or a job gets what Ctrl-C gets: records written, how to go on."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # then an interrupt would do nothing
        return
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
