"""What must be in no file that a test left behind, and which files may hold it after all."""

from collections.abc import Iterator, Sequence
from pathlib import Path

# The secrets the acceptance tests log in and host with.
SECRETS = (b"tieline-demo-secret", b"tieline-readonly-secret", b"crm-demo-key", b"k" * 24)
# Written by the tests themselves, or made to hold a secret and readable by its owner only.
KEEPERS = (
    ".env",  # the configuration under test
    "tieline.toml",  # likewise
    "ready.json",  # the emulator's ready file says how to log in
    "webhooks.sqlite3",  # what deliveries are signed with, 0600
)
# Pages of the documentation: they show the emulator's demo secret, which is no secret.
PAGES = (".html", ".js", ".doctree", ".pickle", ".txt")
LARGEST = 64 * 1024 * 1024


def leaks(folder: Path, secrets: Sequence[bytes] = SECRETS) -> Iterator[str]:
    """Name each file below the folder that holds a secret, and the secret's first letters."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or _may_keep(path):
            continue
        if path.stat().st_size > LARGEST:
            continue
        content = path.read_bytes()
        for secret in secrets:
            if secret in content:
                yield f"{path.relative_to(folder)} holds {secret[:8].decode()}…"


def _may_keep(path: Path) -> bool:
    named = any(path.name.startswith(keeper) for keeper in KEEPERS)
    return named or path.parent.name == "tokens" or path.suffix in (".py", *PAGES)
