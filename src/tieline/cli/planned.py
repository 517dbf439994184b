"""What people read of a plan, and of a deploy that carried it out."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tieline.deployments.plan import Plan

SAID: Mapping[str, str] = {
    "none": "nothing to change",
    "create": "created",
    "update": "updated",
    "replace": "published as a new action; the one before was set aside",
    "finish": "as published before; what an interrupted deploy left was cleared away",
}


def plan_text(planned: "Plan") -> str:
    """One line for the change, one for each difference."""
    head = f"{planned.target} {planned.version}: {planned.change}"
    if planned.resumes:
        head += " (goes on where an earlier deploy stopped)"
    return "\n".join(
        [
            head,
            *(f"  {each.path}: {each.before!r} → {each.after!r}" for each in planned.differences),
        ]
    )
