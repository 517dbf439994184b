"""What must be in no file that a test left behind, and which files may hold it after all."""

from collections.abc import Iterator, Sequence
from pathlib import Path

# The secrets the acceptance tests log in and host with.
SECRETS = (b"tieline-demo-secret", b"tieline-readonly-secret", b"crm-demo-key", b"k" * 24)
# Made-up people: inputs of acceptance tests, which may be in no file, masked or not recorded.
PEOPLE = {
    "email": "canary.bird@example.org",
    "card": "5500005555555559",
    "phone": "+44 20 7946 0123",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOjF9.c2lnbmF0dXJl",
    "bearer": "Bearer canary0123456789",
}
NEVER = (*SECRETS, *(text.removeprefix("Bearer ").encode() for text in PEOPLE.values()))
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


def leaks(folder: Path, secrets: Sequence[bytes] = NEVER) -> Iterator[str]:
    """Name each file below the folder that holds a canary, and the canary's first letters."""
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
