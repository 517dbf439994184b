"""Filters of a job: which conversations it finds.

    filters, all of them ─► and | or of predicates and clauses;  clause ─► and | or of predicates

A conversation is found when it fits all `conversationFilters` and one of its segments fits all
`segmentFilters` [assumed]; a segment has the dimensions of its session and participant too.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tieline.emulator import wire_errors
from tieline.types import JsonObject

Facts = Mapping[str, frozenset[str]]
"""What is known of a conversation or a segment: the values of each dimension."""
Test = Callable[[Facts], bool]

CONVERSATION_DIMENSIONS = ("conversationId", "divisionId", "originatingDirection")
SEGMENT_DIMENSIONS = (
    "direction", "flowId", "mediaType", "purpose", "queueId", "requestedLanguageId",
    "requestedRoutingSkillId",
)  # fmt: skip
_TYPES = ("and", "or")
_OPERATORS = ("matches", "exists", "notExists")


def read_filters(sent: JsonObject) -> Callable[[JsonObject], bool]:
    """Read both kinds of filters of a query; the result tells which conversations they let by.

    Raises:
        Refusal: 400, naming the place of what the platform, or the emulator, has not.
    """
    conversation = _all_of(sent, "conversationFilters", CONVERSATION_DIMENSIONS)
    segment = _all_of(sent, "segmentFilters", SEGMENT_DIMENSIONS)

    def found(entry: JsonObject) -> bool:
        fits = conversation is None or conversation(conversation_facts(entry))
        return fits and (segment is None or any(map(segment, segment_facts(entry))))

    return found


def conversation_facts(conversation: JsonObject) -> Facts:
    """The dimensions of a conversation of the fixture."""
    return {
        "conversationId": _values(conversation.get("id")),
        "divisionId": _values(conversation.get("divisionIds")),
        "originatingDirection": _values(conversation.get("originatingDirection")),
    }


def segment_facts(conversation: JsonObject) -> Iterator[Facts]:
    """The dimensions of each segment; a session that lists none counts as one."""
    for participant in _objects(conversation.get("participants")):
        for session in _objects(participant.get("sessions")):
            flow = session.get("flow")
            above = {
                "purpose": _values(participant.get("purpose")),
                "mediaType": _values(session.get("mediaType")),
                "direction": _values(session.get("direction")),
                "flowId": _values(flow.get("flowId") if isinstance(flow, dict) else None),
            }
            for segment in _objects(session.get("segments")) or [{}]:
                yield {
                    **above,
                    "queueId": _values(segment.get("queueId")),
                    "requestedLanguageId": _values(segment.get("requestedLanguageId")),
                    "requestedRoutingSkillId": _values(segment.get("requestedRoutingSkillIds")),
                }


def _all_of(sent: JsonObject, name: str, dimensions: tuple[str, ...]) -> Test | None:
    """All filters of one kind; None where there are none."""
    tests = [_filter(each, place, dimensions) for place, each in _listed(sent, name, name)]
    return (lambda facts: all(test(facts) for test in tests)) if tests else None


def _filter(sent: JsonObject, place: str, dimensions: tuple[str, ...]) -> Test:
    clauses = [
        _joined(each, where, _predicates(each, where, dimensions))
        for where, each in _listed(sent, "clauses", f"{place}.clauses")
    ]
    return _joined(sent, place, [*_predicates(sent, place, dimensions), *clauses])


def _joined(sent: JsonObject, place: str, tests: list[Test]) -> Test:
    """What a filter or a clause makes of its parts."""
    several = all if _one_of(sent, "type", _TYPES, place) == "and" else any
    if not tests:
        raise wire_errors.missing_fields(f"{place}.predicates")
    return lambda facts: several(test(facts) for test in tests)


def _predicates(sent: JsonObject, place: str, dimensions: tuple[str, ...]) -> list[Test]:
    return [
        _predicate(each, where, dimensions)
        for where, each in _listed(sent, "predicates", f"{place}.predicates")
    ]


def _predicate(sent: JsonObject, place: str, dimensions: tuple[str, ...]) -> Test:
    _one_of(sent, "type", ("dimension",), place, usual="dimension")
    dimension = _one_of(sent, "dimension", dimensions, place)
    operator = _one_of(sent, "operator", _OPERATORS, place, usual="matches")
    if operator != "matches":
        return lambda facts: bool(facts[dimension]) == (operator == "exists")
    value = sent.get("value")
    if value is None:
        raise wire_errors.missing_fields(f"{place}.value")
    if not isinstance(value, str):
        raise wire_errors.invalid_value(f"{place}.value", value, kind="String", allowed="text")
    return lambda facts: value in facts[dimension]


def _listed(sent: JsonObject, name: str, place: str) -> list[tuple[str, JsonObject]]:
    """The objects of a list with the place of each; none where the list is absent."""
    items = sent.get(name)
    if items is None:
        return []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise wire_errors.invalid_value(place, items, kind="list", allowed="a list of objects")
    return [(f"{place}[{index}]", item) for index, item in enumerate(items)]


def _one_of(
    sent: JsonObject, name: str, allowed: tuple[str, ...], place: str, *, usual: str | None = None
) -> str:
    """A word of the SDK's, whatever its case, as it is spelled there."""
    given = sent.get(name) if sent.get(name) is not None else usual
    if given is None:
        raise wire_errors.missing_fields(f"{place}.{name}")
    words = {word.lower(): word for word in allowed}
    found = words.get(given.lower()) if isinstance(given, str) else None
    if found is None:
        raise wire_errors.invalid_value(
            f"{place}.{name}", given, kind=name, allowed=", ".join(allowed)
        )
    return found


def _objects(value: Any) -> list[JsonObject]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _values(value: Any) -> frozenset[str]:
    values = value if isinstance(value, list) else [value]
    return frozenset(each for each in values if isinstance(each, str) and each)
