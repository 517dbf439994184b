"""What the audit log of this state folder knows of items whose end never reached the ledger."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from tieline.audit.line import parse_line
from tieline.store.segments.files import list_segments
from tieline.types import JsonObject


def own_traces(folder: Path, operation: str, wanted: frozenset[str]) -> Mapping[str, JsonObject]:
    """Outcomes by the fingerprint of their input.

    An input that was sent twice is left out: nobody can tell whose outcome is whose.
    """
    intents: dict[str, str] = {}
    outcomes: dict[str, JsonObject] = {}
    for segment in list_segments(folder):
        for line in segment.path.read_bytes().splitlines():
            record = parse_line(line)
            if record is None or record.get("operation") != operation:
                continue
            if record.get("phase") == "intent" and record.get("input_hmac") in wanted:
                intents[f"{record['log']}:{record['seq']}"] = record["input_hmac"]
            elif record.get("intent_id") in intents:
                outcomes[record["intent_id"]] = record
    times = Counter(intents.values())
    return {
        fingerprint: outcomes[intent_id]
        for intent_id, fingerprint in intents.items()
        if times[fingerprint] == 1 and intent_id in outcomes
    }
