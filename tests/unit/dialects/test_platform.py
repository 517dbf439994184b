from typing import Any

import pytest

from tieline.calls.operation import Answer
from tieline.dialects.named_properties import named_properties
from tieline.dialects.platform import PLATFORM
from tieline.dialects.port import Order, Progress
from tieline.errors import ApiError, BadAnswer, InvalidInput, LimitExceeded, Unsupported

FLOW = "3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11"
ACTION = "custom_-_7c1d8a52-3b0e-4f6e-9a53-1d2f5b8c9e01"


def test_an_action_is_executed_with_its_input_as_the_whole_body() -> None:
    ask = PLATFORM.actions.start(Order(ACTION, {"customerId": "1"}))

    assert ask.request.target() == f"/api/v2/integrations/actions/{ACTION}/execute"
    assert ask.request.body == {"customerId": "1"}
    assert ask.read(Answer(200, {"a": 1})) == Progress("completed", result={"a": 1})


@pytest.mark.parametrize("result", [None, [], {}, [1, 2], {"raw": "x"}])
def test_whatever_an_action_answers_is_its_result(result: Any) -> None:
    ask = PLATFORM.actions.start(Order(ACTION, {}))

    assert ask.read(Answer(200, result)).result == result


def test_a_flow_is_launched_with_its_input_data() -> None:
    order = Order(FLOW, {"Flow.customerId": "1"}, name="nightly")

    request = PLATFORM.flows.start(order).request

    assert request.body == {
        "flowId": FLOW,
        "inputData": {"Flow.customerId": "1"},
        "name": "nightly",
    }
    assert PLATFORM.flows.start(Order(FLOW, {})).request.body == {"flowId": FLOW}


def test_an_executions_flow_is_read_out_of_its_versions_uri() -> None:
    ask = PLATFORM.flows.follow(FLOW, "e1")
    assert ask is not None
    uri = f"/api/v2/flows/{FLOW}/versions/3.0"

    progress = ask.read(
        Answer(200, {"id": "e1", "status": "RUNNING", "flowVersion": {"selfUri": uri}})
    )

    assert progress.target_id == FLOW


def test_a_flow_that_ended_badly_without_an_error_has_its_reason_or_status_as_message() -> None:
    ask = PLATFORM.flows.follow(FLOW, "e1")
    assert ask is not None

    told = ask.read(Answer(200, {"id": "e1", "status": "FAILED", "completionReason": "no queue"}))
    silent = ask.read(Answer(200, {"id": "e1", "status": "TERMINATED"}))
    detailed = ask.read(
        Answer(200, {"id": "e1", "status": "ERROR", "flowErrorInfo": {"code": "x"}})
    )

    assert told.error == {"message": "no queue"}
    assert silent.error == {"message": "the flow ended TERMINATED"}
    assert detailed.error == {"code": "x"}


BAD_ANSWERS = [
    (None, "no JSON object"),
    ([], "no JSON object"),
    ({}, "`status` is missing"),
    ({"id": "e1", "status": 3}, "`status` is not a string"),
    ({"id": "e1", "status": "ODD"}, "`status` has the unknown value 'ODD'"),
    ({"status": "RUNNING"}, "`id` is missing"),
    ({"id": "", "status": "RUNNING"}, "`id` is missing"),
    ({"id": "e1", "status": "RUNNING", "flowVersion": 3}, "`flowVersion` is not an object"),
]


@pytest.mark.parametrize(("body", "says"), BAD_ANSWERS)
def test_an_answer_that_breaks_the_contract_names_the_field(body: Any, says: str) -> None:
    ask = PLATFORM.flows.follow(FLOW, "e1")
    assert ask is not None

    with pytest.raises(BadAnswer, match=says) as caught:
        ask.read(Answer(200, body, correlation_id="c1"))

    assert caught.value.correlation_id == "c1"


def test_a_definition_has_the_contracts_schema_and_names() -> None:
    schema = {"type": "object", "properties": {"customerId": {"type": "string"}}}
    body = {
        "id": ACTION,
        "name": "lookup",
        "version": 2,
        "contract": {"input": {"inputSchema": schema}},
    }

    definition = PLATFORM.actions.show(ACTION).read(Answer(200, body))

    assert definition.input_names == ("customerId",)
    assert definition.input_schema == schema
    assert (definition.version, definition.active) == ("2", None)
    assert definition.to_json()["definition"] == body


@pytest.mark.parametrize(
    ("schema", "names"),
    [
        ({"properties": {"a": {}}}, ("a",)),
        ({"properties": {"a": {}}, "additionalProperties": False}, ("a",)),
        ({"properties": {"a": {}}, "additionalProperties": True}, None),
        ({"properties": {"a": {}}, "additionalProperties": {"type": "string"}}, None),
        ({}, None),
    ],
)
def test_only_a_schema_that_says_so_allows_other_keys(schema: Any, names: Any) -> None:
    assert named_properties(schema) == names


def test_a_name_is_looked_up_and_only_exact_ones_count() -> None:
    ask = PLATFORM.actions.search("lookup")
    assert ask is not None

    found = ask.read(
        Answer(200, {"entities": [{"id": "a", "name": "lookup"}, {"id": "b", "name": "lookup_2"}]})
    )

    assert found == ("a",)
    assert ask.request.query["name"] == "lookup"


@pytest.mark.parametrize(
    "given", [ACTION, "static_7c1d8a52-3b0e-4f6e-9a53-1d2f5b8c9e01-x", FLOW, FLOW.upper()]
)
def test_what_has_the_form_of_an_id_is_not_looked_up(given: str) -> None:
    assert PLATFORM.actions.search(given) is None


@pytest.mark.parametrize("given", ["a/b", "..", "../../flows", "ü", "a?b=c", "x" * 256])
def test_what_is_no_id_stays_a_query_and_cannot_change_the_path(given: str) -> None:
    ask = PLATFORM.actions.search(given)
    assert ask is not None

    path, _, query = ask.request.target().partition("?")
    assert path == "/api/v2/integrations/actions"
    assert query.count("=") == 3


@pytest.mark.parametrize(("given", "error"), [("", InvalidInput), ("x" * 10_000, LimitExceeded)])
def test_a_name_that_cannot_exist_is_refused(given: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        PLATFORM.functions.search(given)


def test_an_input_that_no_action_takes_is_refused_with_its_limit() -> None:
    PLATFORM.actions.check(Order(ACTION, {"a": "x" * 511_000}))

    with pytest.raises(LimitExceeded, match="512000"):
        PLATFORM.actions.check(Order(ACTION, {"a": "x" * 512_000}))


@pytest.mark.parametrize("given", ["", "nope", FLOW + "x", FLOW[:-1], "../" + FLOW, "ü" * 36])
def test_a_flow_is_launched_by_uuid_only(given: str) -> None:
    with pytest.raises(InvalidInput, match="not a UUID"):
        PLATFORM.flows.check(Order(given, {}))


def test_a_launch_for_somebody_is_unsupported() -> None:
    with pytest.raises(Unsupported) as caught:
        PLATFORM.flows.check(Order(FLOW, {}, user_id=FLOW))

    assert "api = 'guide'" in caught.value.hint


def test_an_error_of_the_remote_side_is_a_failed_execution_and_others_are_refusals() -> None:
    ran = ApiError("x", status=500, details=[{"errorCode": "ACTION.REMOTE_ENDPOINT"}])
    refused = ApiError("x", status=400, details=[{"errorCode": "ACTION.PROCESSING"}])

    ended = PLATFORM.actions.read_refusal(ran)

    assert ended is not None
    assert ended.state == "failed"
    assert PLATFORM.actions.read_refusal(refused) is None
    assert PLATFORM.flows.read_refusal(ran) is None


def test_actions_are_listed_by_page_number() -> None:
    listing = PLATFORM.actions.catalogue(name="x")
    pager = listing.pages()
    assert pager.query is not None

    assert listing.request(pager.query).target() == (
        "/api/v2/integrations/actions?name=x&pageSize=100&pageNumber=1"
    )
    entry = listing.item({"id": "a", "name": "n", "version": 1, "category": "c"})
    assert entry.to_json() == {
        "id": "a", "name": "n", "version": "1", "category": "c", "integration_id": None,
    }  # fmt: skip


def test_schemas_of_a_contract_are_read_by_file_name() -> None:
    ask = PLATFORM.actions.schema(ACTION, "success.json")
    assert ask is not None

    assert ask.request.target().endswith("/schemas/success.json")
    assert ask.read(Answer(200, {"type": "object"})) == {"type": "object"}
