"""What a slot is made for, decided by the host and sent to the keeper."""

import json
from dataclasses import asdict, dataclass

from tieline.sandbox.limits import Runtime, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotSpec:
    """Everything that must be known before the worker starts; equal specs share a pool.

    Node and the hardened tier lock their files before the job is known, so `code` is part of what
    they are made for. A forked Python worker locks itself when the job arrives; there it is empty.
    """

    runtime: Runtime
    tier: Tier
    scratch_parent: str
    runtime_read: tuple[str, ...]  # the interpreter's own files
    memory_mb: int = 0  # Node: its heap is sized at start
    code: tuple[str, ...] = ()
    node: str = ""
    bwrap: str = ""
    python: str = ""
    package_root: str = ""  # the folder that holds the package `tieline`

    def to_json(self) -> str:
        """One line for the keeper."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> "SlotSpec":
        """Read what `to_json` wrote; it comes from our own host process."""
        fields = json.loads(text)
        for name in ("runtime_read", "code"):
            fields[name] = tuple(fields[name])
        return cls(**fields)
