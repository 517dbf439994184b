"""The same records under the field names of the guides, one row an invocation.

A guide writes one record after the fact; the log has an intent and an outcome. A row is made from
the outcome, with what only the intent knows joined in.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

Row = Mapping[str, Any]
View = Literal["records", "guide0", "guide1"]

# Guide 1 names its level in every record; a profile that says nothing else gets it.
_GUIDE1_LEVEL = "SOC2_TYPE2"


def rows(records: Iterable[Mapping[str, Any]], view: View) -> Iterator[Row]:
    """Show records in a view; they come in the order of the log.

    `records` is the log as it is. `guide0` has the invocations of functions, `guide1` those of
    actions; an intent without an outcome has status `uncertain` and comes last.
    """
    if view == "records":
        yield from records
        return
    shape = {"guide0": _guide0, "guide1": _guide1}[view]
    kind = {"guide0": "function", "guide1": "action"}[view]
    for intent, outcome in _pairs(records):
        if outcome.get("target_kind", intent.get("target_kind")) == kind:
            yield shape(intent, outcome)


def _pairs(
    records: Iterable[Mapping[str, Any]],
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    waiting: dict[str, Mapping[str, Any]] = {}
    for record in records:
        if record.get("phase") == "intent":
            waiting[f"{record['log']}:{record['seq']}"] = record
        else:
            yield waiting.pop(str(record.get("intent_id")), {}), record
    for intent in waiting.values():
        yield intent, {**intent, "status": "uncertain"}


def _guide0(intent: Row, outcome: Row) -> Row:
    return {
        "timestamp": outcome["time"],
        "custom_code_id": _either(intent, outcome, "target_id"),
        "inputs": _either(intent, outcome, "masked_input"),
        "latency_ms": outcome.get("latency_ms"),
        "status": outcome.get("status"),
        "payload": outcome.get("result"),
        "error": outcome.get("error"),
    }


def _guide1(intent: Row, outcome: Row) -> Row:
    return {
        "timestamp": outcome["time"],
        "action_id": _either(intent, outcome, "target_id"),
        "version": _either(intent, outcome, "target_version"),
        "input_hash": _either(intent, outcome, "input_hmac"),
        "output_status": outcome.get("status"),
        "trace_id": _either(intent, outcome, "trace_id") or outcome.get("correlation_id"),
        "latency_ms": outcome.get("latency_ms"),
        "compliance_level": _either(intent, outcome, "compliance_level") or _GUIDE1_LEVEL,
        "pii_masked": outcome.get("pii_masked"),
    }


def _either(intent: Row, outcome: Row, name: str) -> Any:
    value = outcome.get(name)
    return intent.get(name) if value is None else value
