"""Where `tieline` begins: Ctrl-C while the program is still being loaded ends it in order too."""

import sys

_INTERRUPTED = 130  # `Exit.INTERRUPTED`, which is not loaded yet


def main() -> None:
    """Load the command line, run it, and leave with its exit code."""
    try:
        from tieline.cli.app import main as run
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted: nothing was begun\n")
        sys.exit(_INTERRUPTED)
    run()
