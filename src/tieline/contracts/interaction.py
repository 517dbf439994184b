"""Guide 3's payload: what its data action accepts, as a strict model.

Strict means: no text is turned into a number, no number into a text. Tags lose later repetitions
before they are counted, and keep their order (the guide's own code loses the order).
"""

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
