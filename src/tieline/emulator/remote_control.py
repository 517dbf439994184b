"""The control surface of a running emulator, from outside: what the commands use."""

import json
import os
import urllib.error
import urllib.request
from typing import Any

from tieline.emulator.app import CONTROL_TOKEN_VARIABLE
from tieline.errors import InvalidInput, NetworkError
from tieline.types import Json

_TIMEOUT_SECONDS = 60.0


class RemoteControl:
    """Talks to `/_emulator` of one emulator, with the token of TIELINE_EMULATOR_TOKEN if set."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def call(self, method: str, path: str, body: Json = None) -> Any:
        """Make one control call.

        Raises:
            NetworkError: no emulator answers there.
            InvalidInput: it refused; the message is its own.
        """
        request = urllib.request.Request(  # noqa: S310  # the user's own emulator
            f"{self.url}/_emulator{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers=_headers(),
            method=method,
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=_TIMEOUT_SECONDS) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as exc:
            raise InvalidInput(f"the emulator at {self.url} refused: {_said(exc)}") from exc
        except (OSError, ValueError) as exc:
            raise NetworkError(
                f"no emulator answers at {self.url}: {exc}",
                hint="start one with `tieline emulator start`, or give --url",
            ) from exc


def _headers() -> dict[str, str]:
    headers = {"Content-Type": "application/json"}
    token = os.environ.get(CONTROL_TOKEN_VARIABLE)
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return headers


def _said(exc: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(exc)["message"])
    except (ValueError, KeyError, TypeError):
        return f"status {exc.code}"
