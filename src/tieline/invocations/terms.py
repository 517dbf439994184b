"""How one invocation is to be carried out, beyond what is invoked with which input."""

from dataclasses import dataclass

# The guides' wait for a custom code execution, and twice the longest data action.
DEFAULT_TIMEOUT_SECONDS = 120.0
# What a function's sandbox must allow unless the caller says otherwise (guide 0).
DEFAULT_FUNCTION_SECONDS = 30.0
# Results: guide 0. Definitions change rarely, and a stale one is refused by the far side anyway.
RESULTS_KEPT = 1024
RESULT_SECONDS = 300.0
DEFINITIONS_KEPT = 256
DEFINITION_SECONDS = 60.0
# An execution that is picked up again does not wait longer for the contract of its result.
CONTRACT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Terms:
    """`started` is monotonic; `timeout` seconds after it everything is over.

    `reuse` allows the result of an equal invocation that completed lately, or is under way.
    """

    started: float
    timeout: float = DEFAULT_TIMEOUT_SECONDS
    reuse: bool = False

    @property
    def deadline(self) -> float:
        """Monotonic seconds by which the caller has an outcome."""
        return self.started + self.timeout
