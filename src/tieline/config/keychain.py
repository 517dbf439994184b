"""The system's keyring as a place for the client secret: Keychain, Secret Service, Windows."""

from importlib import import_module

from tieline.errors import ConfigInvalid
from tieline.secret import Secret

SERVICE = "tieline"


def secret_from_keyring(client_id: str) -> Secret | None:
    """The secret stored for a client id under the service `tieline`; None where there is none.

    Raises:
        ConfigInvalid: the `keyring` extra is not installed, or the keyring refuses.
    """
    try:
        keyring = import_module("keyring")
    except ImportError as exc:
        raise ConfigInvalid(
            "keyring = true, and the package is not installed",
            hint='pip install "tieline[keyring]"',
        ) from exc
    try:
        stored: str | None = keyring.get_password(SERVICE, client_id)
    except Exception as exc:  # back ends raise classes of their own
        raise ConfigInvalid(
            f"the keyring cannot be read: {type(exc).__name__}",
            hint="unlock it, or set keyring = false",
        ) from exc
    return Secret(stored) if stored else None
