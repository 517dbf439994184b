"""The platform's conversations become a file that rules are simulated on."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tieline.client import AsyncClient
from tieline.dialects.conversation_rows import COLUMNS, attribute_column, conversation_row
from tieline.emulator.app import Emulator, create_app
from tieline.errors import BadAnswer, DeadlineExceeded, InvalidInput, Unsupported
from tieline.rules.check import field_types
from tieline.rules.model import Condition, Rule, Ruleset
from tieline.rules.simulation.question import Question
from tieline.services.simulating.conversation_history import Fetched, fetch_history
from tieline.services.simulating.simulation import simulate

Q1, Q3 = "5b8e1c9d-7a2f-4d3b-8e6c-0f9a1b2c3d01", "5b8e1c9d-7a2f-4d3b-8e6c-0f9a1b2c3d03"
OCTOBER = "2026-10-01/2026-10-31"
CONVERSATION: dict[str, Any] = {
    "id": "c1",
    "conversationStart": "2026-10-05T09:00:00.000Z",
    "conversationEnd": "2026-10-05T09:10:00.000Z",
    "originatingDirection": "inbound",
    "divisionIds": ["d1"],
    "participants": [
        {
            "purpose": "customer",
            "attributes": {"vip_flag": "true", "language": "en", "email": "ann@example.com"},
            "sessions": [
                {
                    "mediaType": "voice",
                    "ani": "tel:+14155550123",
                    "metrics": [{"name": "tWait", "value": 1200}],
                    "segments": [{"segmentType": "ivr"}],
                }
            ],
        },
        {
            "purpose": "acd",
            "attributes": {"language": "de", "priority": "high", "queue id": "x"},
            "sessions": [
                {
                    "mediaType": "voice",
                    "flow": {"flowId": "f1"},
                    "segments": [
                        {"queueId": Q1, "requestedRoutingSkillIds": ["s1", "s2"]},
                        {"queueId": "q2", "wrapUpCode": "done"},
                    ],
                }
            ],
        },
    ],
}
MANY = [
    {"id": f"m{n}", "conversationStart": "2026-10-06T09:00:00.000Z",
     "participants": [{"purpose": "customer", "attributes": {"priority": str(n % 10)}}]}
    for n in range(2_500)
]  # fmt: skip


@pytest.fixture
def script() -> dict[str, Any]:
    return {}


@pytest.fixture
def tieline_emulator(script: dict[str, Any]) -> Emulator:
    fixture = {"analytics": script, "conversations": [CONVERSATION, *MANY]}
    return create_app(fixture, "virtual")


def files_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.is_file()]


async def fetch(client: AsyncClient, output: Path, **more: Any) -> Fetched:
    session = client._session
    masker = None if more.pop("raw", False) else await session.trail.masker()
    return await fetch_history(session, OCTOBER, output, masker=masker, **more)


async def test_all_pages_end_in_one_parquet_file(
    tieline_async_client: AsyncClient, tmp_path: Path
) -> None:
    output = tmp_path / "october.parquet"

    fetched = await fetch(tieline_async_client, output, raw=True)

    table = pq.read_table(output)
    assert fetched.records == table.num_rows == 2_501
    attributes = {"language", "priority", "attribute_queue_id", "vip_flag", "email"}
    assert set(table.column_names) == {*COLUMNS, *attributes}
    first = {k: v for k, v in table.slice(0, 1).to_pylist()[0].items() if v is not None}
    assert first["conversation_id"] == "c1"
    assert (first["queue_id"], first["skill_ids"], first["wait_ms"]) == (Q1, ["s1", "s2"], 1200)
    assert (first["language"], first["email"]) == ("en", "ann@example.com")
    assert files_in(tmp_path) == ["october.parquet"]


@pytest.mark.parametrize(
    ("filters", "records"),
    [
        ({"queues": [Q1]}, 1),
        ({"queues": [Q3]}, 0),
        ({"queues": [Q3, Q1], "media_types": ["email", "voice"]}, 1),
        ({"queues": [Q1], "media_types": ["email"]}, 0),
        ({"media_types": ["voice"]}, 1),
    ],
)
async def test_only_conversations_of_the_queues_and_media_types_asked_for_come(
    tieline_async_client: AsyncClient, tmp_path: Path, filters: dict[str, Any], records: int
) -> None:
    fetched = await fetch(tieline_async_client, tmp_path / "october.jsonl", **filters)

    assert fetched.records == records


async def test_a_queue_is_asked_for_by_id_and_nothing_is_sent_for_a_name(
    tieline_async_client: AsyncClient, tieline_emulator: Emulator, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput, match="Technical Support"):
        await fetch(tieline_async_client, tmp_path / "o.jsonl", queues=["Technical Support"])

    assert list(tieline_emulator.world.analytics.jobs) == []
    assert files_in(tmp_path) == []


async def test_what_is_personal_is_masked_unless_asked_for(
    tieline_async_client: AsyncClient, tmp_path: Path
) -> None:
    output = tmp_path / "october.jsonl"

    await fetch(tieline_async_client, output)

    text = output.read_text()
    assert "ann@example.com" not in text
    assert "14155550123" not in text
    assert json.loads(text.splitlines()[0])["vip_flag"] == "true"


async def test_attributes_are_cast_to_the_fields_of_rules_and_what_cannot_be_is_invalid(
    tieline_async_client: AsyncClient, tmp_path: Path
) -> None:
    output = tmp_path / "october.jsonl"
    ruleset = Ruleset(
        "r",
        {"priority": {"type": "integer"}, "vip_flag": {"type": "boolean"}},
        (Rule("urgent", Condition("priority", "gte", 5), {"queue": "q"}),),
    )

    await fetch(tieline_async_client, output, fields=field_types(ruleset))
    found = simulate(Question(ruleset, time_field="conversation_start"), output).to_json()

    assert (found["records"], found["invalid"], found["matched"]) == (2_501, 1, 1_250)
    assert found["invalid_rows"][0] == {
        "row": 1, "problem": "`priority` is a string, not integer",
    }  # fmt: skip
    assert found["series"]["points"][0]["records"] == 2_500


@pytest.mark.parametrize("script", [{"end": "FAILED"}])
async def test_a_failed_job_says_so_and_leaves_no_file(
    tieline_async_client: AsyncClient, tmp_path: Path
) -> None:
    with pytest.raises(BadAnswer, match="failed"):
        await fetch(tieline_async_client, tmp_path / "october.parquet")

    assert not files_in(tmp_path)


@pytest.mark.parametrize("script", [{"pending": 10_000}])
async def test_a_job_that_takes_too_long_is_cancelled(
    tieline_async_client: AsyncClient, tieline_emulator: Emulator, tmp_path: Path
) -> None:
    with pytest.raises(DeadlineExceeded):
        await fetch(tieline_async_client, tmp_path / "october.parquet", wait=60)

    assert [job.get("cancelled") is not None for job in tieline_emulator.world.analytics.jobs] == [
        True
    ]


async def test_other_formats_are_refused_before_anything_is_sent(
    tieline_async_client: AsyncClient, tieline_emulator: Emulator, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput):
        await fetch(tieline_async_client, tmp_path / "october.csv")
    with pytest.raises(Unsupported):
        await fetch(tieline_async_client, tmp_path / "o.parquet", fields={"a": None})

    assert len(tieline_emulator.world.analytics.jobs) == 0


def test_a_conversation_that_lacks_everything_is_a_row_of_nothing() -> None:
    assert set(conversation_row({}).values()) == {None}
    assert set(conversation_row({"participants": [{"sessions": None}, 5]}).values()) == {None}


@pytest.mark.parametrize(
    ("name", "column"),
    [("vip", "vip"), ("VIP flag", "VIP_flag"), ("ani", "attribute_ani"), ("1st", "attribute_1st")],
)
def test_an_attribute_has_a_column_that_rules_can_name(name: str, column: str) -> None:
    assert attribute_column(name) == column
