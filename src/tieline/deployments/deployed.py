"""What a deploy did."""

from dataclasses import dataclass

from tieline.deployments.plan import Change


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a deploy did. `action_id` is what flows refer to; None where nothing has an id yet."""

    change: Change
    name: str
    version: str
    action_id: str | None
    superseded: str | None = None  # the id of the action that was replaced

    def to_json(self) -> dict[str, str | None]:
        """The document of `actions deploy`."""
        return {
            "change": self.change,
            "name": self.name,
            "version": self.version,
            "action_id": self.action_id,
            "superseded": self.superseded,
        }
