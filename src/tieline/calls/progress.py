"""How far a call has come, readable while it runs and after it was cancelled."""

from dataclasses import dataclass


@dataclass(slots=True)
class Progress:
    """Hand one in with a call to learn what became of it when the call is cancelled.

    A cancelled call raises no error of ours (the cancellation must go on), so this is where its
    caller reads whether to record it as uncertain.
    """

    attempts: int = 0
    """Requests written so far."""

    uncertain: bool = False
    """A request that changes something was written, and no answer says what became of it."""

    correlation_id: str | None = None
    """The id under which the platform knows the call; ours until an answer brings its own."""
