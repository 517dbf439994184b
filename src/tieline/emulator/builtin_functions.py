"""The functions that the emulator can really run. Nothing that a caller sends is ever run."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from tieline.types import Json, JsonObject

TIERS = ("bronze", "silver", "gold")


class BuiltinFailed(Exception):
    """The function ended with an error of its own; the text is the error's message."""


def data_enrichment(inputs: JsonObject) -> Json:
    """Add tier and score to a customer: the same for the same customer, everywhere.

    Raises:
        BuiltinFailed: there is no customerId, or it is `boom`.
    """
    customer = inputs.get("customerId")
    if not isinstance(customer, str) or not customer:
        raise BuiltinFailed("customerId is required")
    if customer == "boom":
        raise BuiltinFailed("no such customer: boom")
    score = int.from_bytes(hashlib.sha256(customer.encode()).digest()[:4]) % 100
    return {
        "customerId": customer,
        "sessionId": inputs.get("sessionId"),
        "tier": TIERS[score * len(TIERS) // 100],
        "score": score,
        "enriched": True,
    }


BUILTINS: Mapping[str, Callable[[JsonObject], Any]] = {"data_enrichment": data_enrichment}
