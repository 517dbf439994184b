"""Executing a decision table with records whose target is known: before its publish, and after.

The vendor counts executions, so a draft is tried with at most `MOST_PROBES` records, and what is
published with a few of them.
"""

from tieline.calls.operation import Answer, Request
from tieline.dialects import business_rules as wire
from tieline.errors import BadAnswer
from tieline.rules.diff import fingerprint
from tieline.rules.probes import Record, expected_outputs, probe_records, wire_inputs
from tieline.services.rule_deploying.source import ChecksFailed
from tieline.services.rule_deploying.table_draft import Draft
from tieline.types import Json

MOST_CANARIES = 5


async def try_out(draft: Draft) -> int:
    """Execute the draft with records whose target is known; returns how many.

    Raises:
        ChecksFailed: the platform decides one otherwise than the rules say.
    """
    records = probe_records(draft.rules.ruleset, draft.table)
    for record in records:
        inputs = wire_inputs(draft.table, record)
        answer = await _execute(draft, wire.execute_version(draft.table_id, draft.version, inputs))
        _judge(draft, record, answer)
    return len(records)


async def canary(draft: Draft) -> None:
    """Execute what is published, and see that it is this version and decides as the rules do.

    Raises:
        ChecksFailed: it is not, or does not.
    """
    for record in probe_records(draft.rules.ruleset, draft.table, most=MOST_CANARIES):
        inputs = wire_inputs(draft.table, record)
        answer = await _execute(draft, wire.execute_table(draft.table_id, inputs))
        executed = _member(answer.body, "table", "version")
        if executed != draft.version:
            raise ChecksFailed(
                f"version {executed} answers after version {draft.version} was published"
            )
        _judge(draft, record, answer)


async def _execute(draft: Draft, request: Request) -> Answer:
    return await draft.session.calls.call(request, timeout=draft.session.timeout)


def _judge(draft: Draft, record: Record, answer: Answer) -> None:
    expected = expected_outputs(
        draft.rules.ruleset, draft.table, record, queue_ids=draft.rules.queue_ids
    )
    results = _member(answer.body, "rowExecutionOutputs") or []
    found = results[0].get("outputs") if results else None
    if not _alike(expected, found):
        raise ChecksFailed(
            "the platform sends a record elsewhere than the rules say",
            hint="`--json` shows the record; please report it with the rule file",
            details=[{"record": record, "expected": expected, "found": found}],
        )


def _member(body: Json, *path: str) -> Json:
    for name in path:
        if not isinstance(body, dict):
            raise BadAnswer("tables.execute: the answer is no JSON object")
        body = body.get(name)
    return body


def _alike(expected: dict[str, Json] | None, found: Json) -> bool:
    if expected is None or not isinstance(found, dict):
        return expected is found
    return all(fingerprint(found.get(key)) == fingerprint(value) for key, value in expected.items())
