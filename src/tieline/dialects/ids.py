"""Telling ids from names, and refusing what cannot be an id before it reaches a path or a body."""

import re

from tieline.errors import InvalidInput, LimitExceeded

_HEX = "[0-9a-fA-F]"
_UUID = rf"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}"
_UUID_ONLY = re.compile(rf"{_UUID}\Z")
# Created actions are `custom_-_<uuid>`, built-in ones `static_<uuid>…`.
_ACTION_ID = re.compile(rf"((custom|static)_-?_?)?{_UUID}[A-Za-z0-9_.-]*\Z")

# The platform's models allow names of 256 characters.
LONGEST_NAME = 256


def is_uuid(text: str) -> bool:
    """True for the 8-4-4-4-12 form, in either case."""
    return _UUID_ONLY.match(text) is not None


def is_action_id(text: str) -> bool:
    """True for the forms of the platform's action ids; anything else can only be a name."""
    return _ACTION_ID.match(text) is not None


def check_uuid(text: str, *, what: str) -> None:
    """Refuse an id that no platform ever gave out.

    Raises:
        InvalidInput: `what` names the option in the message.
    """
    if not is_uuid(text):
        shown = text if len(text) <= LONGEST_NAME else f"{text[:32]}… ({len(text)} characters)"
        raise InvalidInput(
            f"{what}: {shown!r} is not a UUID",
            hint="ids look like 3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11",
            details=[{"loc": [what], "type": "uuid", "message": "not a UUID"}],
        )


def check_name(text: str, *, what: str) -> None:
    """Refuse a name that no model of the platform allows.

    Raises:
        InvalidInput: empty.
        LimitExceeded: longer than 256 characters.
    """
    if not text:
        raise InvalidInput(
            f"{what}: the id is empty",
            details=[{"loc": [what], "type": "empty", "message": "empty"}],
        )
    if len(text) > LONGEST_NAME:
        raise LimitExceeded(
            f"{what}: {len(text)} characters; ids and names have at most {LONGEST_NAME}"
        )
