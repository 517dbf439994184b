"""Filters of jobs over conversation details: dimensions, operators, and what is refused."""

from typing import Any

import pytest
from emulator_driver import Driver

from tieline.emulator.app import Emulator, create_app

JOBS = "/api/v2/analytics/conversations/details/jobs"
OCTOBER = "2026-10-01T00:00:00Z/2026-10-31T00:00:00Z"


def conversation(name: str, *participants: dict[str, Any], **facts: Any) -> dict[str, Any]:
    return {
        "id": name,
        "conversationStart": "2026-10-05T09:00:00.000Z",
        "participants": list(participants),
        **facts,
    }


def participant(purpose: str, *segments: dict[str, Any], **session: Any) -> dict[str, Any]:
    return {"purpose": purpose, "sessions": [{"segments": list(segments), **session}]}


CALL = conversation(
    "call",
    participant("customer", mediaType="voice", direction="inbound"),
    participant(
        "acd",
        {"segmentType": "interact"},
        {"queueId": "q1", "requestedLanguageId": "l1", "requestedRoutingSkillIds": ["s1", "s2"]},
        mediaType="voice", flow={"flowId": "f1"},
    ),
    originatingDirection="inbound", divisionIds=["d1", "d2"],
)  # fmt: skip
MAIL = conversation(
    "mail",
    participant("acd", {"queueId": "q1"}, {"queueId": "q2"}, mediaType="email"),
    originatingDirection="outbound", divisionIds=["d2"],
)  # fmt: skip
BARE = {"id": "bare", "conversationStart": "2026-10-05T09:00:00.000Z"}


@pytest.fixture
def app() -> Emulator:
    return create_app({"conversations": [CALL, MAIL, BARE]}, "virtual")


@pytest.fixture
async def platform(app: Emulator) -> Driver:
    return await Driver(app).login()


def where(dimension: str, value: str | None = None, operator: str = "matches") -> dict[str, Any]:
    found = {"type": "dimension", "dimension": dimension, "operator": operator}
    return found if value is None else {**found, "value": value}


def all_of(*predicates: Any, **more: Any) -> dict[str, Any]:
    return {"type": "and", "predicates": list(predicates), **more}


def any_of(*predicates: Any, **more: Any) -> dict[str, Any]:
    return {"type": "or", "predicates": list(predicates), **more}


async def found(platform: Driver, **filters: Any) -> list[str]:
    job = await platform.post(JOBS, {"interval": OCTOBER, **filters})
    assert job.status == 202, job.raw
    platform.app.clock.advance(5)
    page = (await platform.get(f"{JOBS}/{job.json['jobId']}/results")).json
    return [each["conversationId"] for each in page["conversations"]]


@pytest.mark.parametrize(
    ("dimension", "value", "names"),
    [
        ("queueId", "q1", ["call", "mail"]),
        ("queueId", "q2", ["mail"]),
        ("queueId", "q", []),
        ("mediaType", "voice", ["call"]),
        ("direction", "inbound", ["call"]),
        ("purpose", "customer", ["call"]),
        ("purpose", "acd", ["call", "mail"]),
        ("requestedRoutingSkillId", "s2", ["call"]),
        ("requestedLanguageId", "l1", ["call"]),
        ("flowId", "f1", ["call"]),
    ],
)
async def test_each_dimension_of_a_segment_finds_its_conversations(
    platform: Driver, dimension: str, value: str, names: list[str]
) -> None:
    assert await found(platform, segmentFilters=[all_of(where(dimension, value))]) == names


@pytest.mark.parametrize(
    ("dimension", "value", "names"),
    [
        ("conversationId", "mail", ["mail"]),
        ("divisionId", "d1", ["call"]),
        ("divisionId", "d2", ["call", "mail"]),
        ("originatingDirection", "outbound", ["mail"]),
    ],
)
async def test_each_dimension_of_a_conversation_finds_it(
    platform: Driver, dimension: str, value: str, names: list[str]
) -> None:
    assert await found(platform, conversationFilters=[all_of(where(dimension, value))]) == names


@pytest.mark.parametrize(
    ("segment_filter", "names"),
    [
        (any_of(where("queueId", "q2"), where("mediaType", "voice")), ["call", "mail"]),
        (all_of(where("queueId", "q2"), where("mediaType", "voice")), []),
        (all_of(where("purpose", "customer"), where("queueId", "q1")), []),
        (all_of(where("queueId", operator="exists")), ["call", "mail"]),
        (all_of(where("queueId", operator="notExists")), ["call"]),
        (all_of(where("flowId", operator="notExists")), ["call", "mail"]),
        ({"type": "AND", "predicates": [{"dimension": "queueId", "value": "q2"}]}, ["mail"]),
        (
            all_of(
                where("purpose", "acd"),
                clauses=[any_of(where("queueId", "q2"), where("flowId", "f1"))],
            ),
            ["call", "mail"],
        ),
        (
            {"type": "or", "clauses": [all_of(where("queueId", "q1"), where("flowId", "f1"))]},
            ["call"],
        ),
    ],
)
async def test_predicates_and_clauses_are_joined_within_one_segment(
    platform: Driver, segment_filter: dict[str, Any], names: list[str]
) -> None:
    assert await found(platform, segmentFilters=[segment_filter]) == names


async def test_every_filter_of_both_kinds_holds(platform: Driver) -> None:
    queue, voice = any_of(where("queueId", "q1")), any_of(where("mediaType", "voice"))
    abroad = all_of(where("originatingDirection", "outbound"))

    assert await found(platform, segmentFilters=[queue, voice]) == ["call"]
    assert await found(platform, segmentFilters=[queue], conversationFilters=[abroad]) == ["mail"]
    assert await found(platform, segmentFilters=[], conversationFilters=None) == [
        "bare", "call", "mail",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        ({"segmentFilters": [all_of(where("colour", "red"))]}, "predicates[0].dimension"),
        ({"segmentFilters": [all_of(where("divisionId", "d1"))]}, "predicates[0].dimension"),
        ({"conversationFilters": [all_of(where("queueId", "q1"))]}, "predicates[0].dimension"),
        ({"segmentFilters": [all_of({"value": "q1"})]}, "predicates[0].dimension"),
        ({"segmentFilters": [all_of(where("queueId"))]}, "predicates[0].value"),
        ({"segmentFilters": [all_of({**where("queueId"), "value": 5})]}, "predicates[0].value"),
        ({"segmentFilters": [all_of(where("queueId", "q", "like"))]}, "predicates[0].operator"),
        (
            {"segmentFilters": [all_of({"type": "metric", "metric": "tWait"})]},
            "predicates[0].type",
        ),
        ({"segmentFilters": [{"predicates": [where("queueId", "q1")]}]}, "segmentFilters[0].type"),
        ({"segmentFilters": [{"type": "xor"}]}, "segmentFilters[0].type"),
        ({"segmentFilters": [{"type": []}]}, "segmentFilters[0].type"),
        ({"segmentFilters": [all_of()]}, "segmentFilters[0].predicates"),
        ({"segmentFilters": [all_of("queueId")]}, "segmentFilters[0].predicates"),
        ({"segmentFilters": [all_of(clauses=[any_of()])]}, "clauses[0].predicates"),
        ({"segmentFilters": {"type": "and"}}, "segmentFilters"),
        ({"segmentFilters": ["queueId"]}, "segmentFilters"),
        ({"surveyFilters": [all_of(where("surveyId", "s"))]}, "surveyFilters"),
    ],
)
async def test_a_filter_the_platform_does_not_know_is_refused_with_its_place(
    platform: Driver, filters: dict[str, Any], field: str
) -> None:
    got = await platform.post(JOBS, {"interval": OCTOBER, **filters})

    assert got.status == 400
    assert got.json["details"][0]["fieldName"].endswith(field)
