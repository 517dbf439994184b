"""What the hosted service works with, all of it handed in: nothing is read from the environment."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tieline.actions.definition import Action
from tieline.actions.outside import OutsideService
from tieline.clock import Clock, SystemClock
from tieline.hosting.authentication import Keys
from tieline.hosting.gateway import Backend, Callbacks
from tieline.hosting.handler_records import HandlerRecords
from tieline.observe.logs import logger
from tieline.observe.metrics import Metrics
from tieline.secret import Secret


def new_request_id() -> str:
    """A random UUID, as the platform's correlation ids are."""
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Surroundings:
    """One service. Without a `backend` there is no gateway, only hosted actions."""

    actions: Sequence[Action]
    state_dir: Path
    keys: Keys = field(default_factory=Keys)
    outside: OutsideService | None = None
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    backend: Backend | None = None
    callbacks: Callbacks | None = None
    records: HandlerRecords | None = None
    clock: Clock = field(default_factory=SystemClock)
    metrics: Metrics = field(default_factory=Metrics)
    log: Any = field(default_factory=lambda: logger("hosting"))
    new_id: Callable[[], str] = new_request_id
