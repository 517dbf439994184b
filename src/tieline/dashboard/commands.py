"""The commands a page shows, ready to be typed: this state folder, this ledger, quoted. Pure."""

import shlex
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Commands:
    """`state_dir` where it is not the one that commands find by themselves.

    A PostgreSQL URL may hold a password: commands name the variable that holds the URL.
    """

    state_dir: str | None = None
    shared_ledger: bool = False

    def line(self, *words: str, profile: str | None = None) -> str:
        """`tieline` with these words and whatever makes it act on what the page shows."""
        parts = ["tieline", *words]
        if profile is not None:
            parts += ["--profile", profile]
        if self.state_dir is not None:
            parts += ["--state-dir", self.state_dir]
        return " ".join(map(shlex.quote, parts))

    def of_runs(self, *words: str, profile: str | None = None) -> str:
        """A `runs` command, in the ledger that is shown."""
        line = self.line("runs", *words, profile=profile)
        return f'{line} --store "$TIELINE_STORE"' if self.shared_ledger else line
