"""The dashboard's token: a file, TIELINE_DASHBOARD_TOKEN or `.env`; never on a command line."""

from collections.abc import Mapping
from pathlib import Path

from tieline.config.hosting import SHORTEST_KEY
from tieline.config.load import gather
from tieline.errors import ConfigInvalid
from tieline.secret import Secret

TOKEN_VARIABLE = "TIELINE_DASHBOARD_TOKEN"  # noqa: S105  # the name of a variable, not its value
_HOW = "make one with `python -c 'import secrets; print(secrets.token_urlsafe())' > token.txt`"


def load_token(
    file: Path | None, *, environ: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Secret | None:
    """Read the token; a file wins over the environment, that over `.env`. None where none is set.

    Raises:
        ConfigInvalid: the file cannot be read, or the token is too short to be one.
    """
    if file is not None:
        return _checked(_content(file), str(file))
    for variables in gather(environ=environ, cwd=cwd).variables:
        if text := variables.values.get(TOKEN_VARIABLE, ""):
            return _checked(text, TOKEN_VARIABLE)
    return None


def _content(file: Path) -> str:
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigInvalid(f"{file} cannot be read as a token", hint=_HOW) from exc


def _checked(text: str, source: str) -> Secret:
    if len(text) < SHORTEST_KEY:
        raise ConfigInvalid(
            f"{source}: the token has fewer than {SHORTEST_KEY} characters", hint=_HOW
        )
    return Secret(text)
