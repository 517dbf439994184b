"""Refusals of an execution; nothing is queued."""

from collections.abc import Sequence

from tieline.emulator.wire_errors import Refusal


def undefined_inputs(names: Sequence[str], allowed: Sequence[str]) -> Refusal:
    """Inputs that the definition does not name."""
    return Refusal(
        400,
        "bad.request",
        "Undefined input(s): {names}. Allowed are: {allowed}",
        params={"names": ", ".join(names)[:200], "allowed": ", ".join(allowed)},
        details=[{"errorCode": "undefined.input", "fieldName": name[:80]} for name in names[:20]],
    )


def inactive(code_id: str) -> Refusal:
    """The definition is not active."""
    return Refusal(400, "bad.request", "The custom code is not active.", entity_id=code_id)


def over_sandbox_limit(asked: float, allowed: float) -> Refusal:
    """The caller wants more time than the sandbox gives."""
    return Refusal(
        400,
        "invalid.value",
        "The timeout of {asked} s is over the sandbox's limit of {allowed} s.",
        params={"asked": f"{asked:g}", "allowed": f"{allowed:g}"},
        details=[{"errorCode": "invalid.value", "fieldName": "timeout"}],
    )
