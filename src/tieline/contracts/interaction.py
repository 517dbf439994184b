"""Guide 3's payload: what its data action accepts, as a strict model.

Strict means: no text is turned into a number, no number into a text. Tags lose later repetitions
before they are counted, and keep their order (the guide's own code loses the order).
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from tieline.contracts.repetitions import first_of_each


class Contact(BaseModel):
    """Who the interaction is with, where it came in, and when."""

    model_config = ConfigDict(extra="forbid", strict=True)

    external_id: str = Field(min_length=1, max_length=255)
    channel: Literal["chat", "voice", "email", "web"]
    timestamp: AwareDatetime
    metadata: dict[str, Any] | None = None


class InteractionPayload(BaseModel):
    """One invocation of the guide's data action."""

    model_config = ConfigDict(extra="forbid", strict=True)

    contact: Contact
    priority: int = Field(default=3, ge=1, le=5)
    tags: Annotated[list[str], BeforeValidator(first_of_each)] = Field(
        default_factory=list, max_length=10, json_schema_extra={"uniqueItems": True}
    )
    callback_url: str | None = Field(default=None, pattern=r"^https?://")


def is_interaction(schema: Mapping[str, Any]) -> bool:
    """Whether a registered contract is that of guide 3's data action."""
    return set(schema.get("properties") or {}) == set(InteractionPayload.model_fields)


def without_repeated_tags(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the first of each tag, in order; anything that is no list of texts stays as it is."""
    tags = payload.get("tags")
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        return payload
    return {**payload, "tags": _first_of_each(tags)}
