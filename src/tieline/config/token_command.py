"""A token from a command of the user's: a password manager, a cloud's secret store."""

import subprocess
from collections.abc import Sequence

from tieline.errors import ConfigInvalid
from tieline.secret import Secret

# A password manager may ask for a fingerprint; half a minute is long enough to notice.
LONGEST_SECONDS = 30.0
_MOST_CHARACTERS = 16 * 1024


def run_token_command(vector: Sequence[str], *, timeout_s: float = LONGEST_SECONDS) -> Secret:
    """Run the command without a shell and take what it prints, white space around it dropped.

    Its stderr goes to ours, so that it can ask; its output is never repeated in an error. Blocks.

    Raises:
        ConfigInvalid: it is not found, fails, takes too long, or prints nothing like a token.
    """
    name = vector[0]
    try:
        done = subprocess.run(  # noqa: S603  # the user's own command, as an argument vector
            list(vector), stdout=subprocess.PIPE, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired:
        raise ConfigInvalid(
            f"token_command: {name!r} did not end within {timeout_s:g} s",
            hint="run it by hand; it may be waiting for an answer",
        ) from None
    except OSError as exc:
        raise ConfigInvalid(f"token_command: {name!r} cannot be run: {exc.strerror}") from exc
    if done.returncode != 0:
        raise ConfigInvalid(
            f"token_command: {name!r} ended with exit code {done.returncode}",
            hint="run it by hand to see why",
        )
    return Secret(_token(done.stdout, name))


def _token(output: bytes, name: str) -> str:
    token = output.decode("utf-8", "replace").strip()
    if not token:
        raise ConfigInvalid(f"token_command: {name!r} printed nothing")
    if len(token) > _MOST_CHARACTERS or len(token.split()) != 1 or not token.isascii():
        raise ConfigInvalid(
            f"token_command: what {name!r} printed is not one token",
            hint="it must print the token and nothing else",
        )
    return token
