"""Guide 0's DataEnrichmentFunction: adds tier and score to a customer."""

import hashlib

TIERS = ("bronze", "silver", "gold")


def handler(event: dict[str, str]) -> dict[str, object]:
    """The same customer gets the same score, everywhere."""
    customer = event.get("customerId")
    if not customer:
        raise ValueError("customerId is required")
    score = int.from_bytes(hashlib.sha256(customer.encode()).digest()[:4], "big") % 100
    return {
        "customerId": customer,
        "sessionId": event.get("sessionId"),
        "tier": TIERS[score * len(TIERS) // 100],
        "score": score,
        "enriched": True,
    }
