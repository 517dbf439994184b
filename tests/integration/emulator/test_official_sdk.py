"""The vendor's own Python SDK against the emulator on a socket: proof from outside."""

from collections.abc import Callable
from typing import Any

import pytest
from emulator_driver import FLOW, FUNCTION, LOOKUP, QUEUE

from tieline.emulator.app import Emulator

# The SDK's own; nothing of ours warns.
pytestmark = [
    pytest.mark.filterwarnings("ignore::SyntaxWarning:PureCloudPlatformClientV2"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:PureCloudPlatformClientV2"),
    # It keeps its pool of connections, and no call closes it.
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]

WEB_SERVICES = "d7b1a4e0-3c5f-4a2b-8d9e-6f0c1b2a3d10"


def integrations(sdk: Any, client: Any) -> Any:
    return sdk.IntegrationsApi(client)


def contract(sdk: Any) -> Any:
    inputs, output = sdk.ActionInput(), sdk.ActionOutput()
    schema = sdk.JsonSchemaDocument()
    schema.schema = "http://json-schema.org/draft-04/schema#"
    schema.type = "object"
    schema.properties = {"orderId": {"type": "string"}}
    schema.required = ["orderId"]
    inputs.input_schema = schema
    reply = sdk.JsonSchemaDocument()
    reply.type = "object"
    reply.properties = {"state": {"type": "string"}}
    output.success_schema = reply
    both = sdk.ActionContractInput()
    both.input, both.output = sdk.PostInputContract(), sdk.PostOutputContract()
    both.input.input_schema, both.output.success_schema = schema, reply
    return both


def draft_input(sdk: Any) -> Any:
    request = sdk.RequestConfig()
    request.request_url_template = "https://orders.example.com/${input.orderId}"
    request.request_type = "GET"
    config = sdk.ActionConfig()
    config.request, config.timeout_seconds = request, 20
    body = sdk.PostActionInput()
    body.name, body.category, body.integration_id = "Order State", "Orders", WEB_SERVICES
    body.config, body.contract, body.secure = config, contract(sdk), False
    return body


def test_it_gets_a_token_and_is_told_whose_it_is(sdk: Any, client: Any) -> None:
    me = sdk.TokensApi(client).get_tokens_me()

    assert client.access_token
    assert me.o_auth_client.id == "tieline-demo"
    assert me.organization.name == "Tieline Emulator"


def test_a_wrong_secret_is_an_error_with_status_401(served: Any, sdk: Any) -> None:
    sdk.Configuration().host = served[1]

    with pytest.raises(sdk.rest.ApiException) as caught:
        sdk.ApiClient().get_client_credentials_token("tieline-demo", "not-the-secret")

    assert caught.value.status == 401
    assert "authentication failed" in caught.value.body


def test_it_launches_a_flow_and_follows_it_to_its_end(
    emulator: Emulator, sdk: Any, client: Any
) -> None:
    api = sdk.ArchitectApi(client)
    request = sdk.FlowExecutionLaunchRequest()
    request.flow_id, request.input_data = FLOW, {"Flow.customerId": "10024"}

    launched = api.post_flows_executions(request)
    running_now = api.get_flows_execution(launched.id)
    emulator.clock.advance(10)
    ended = api.get_flows_execution(launched.id)

    assert launched.flow_version.id == "3.0"
    assert (running_now.status, running_now.date_completed) == ("RUNNING", None)
    assert ended.status == "COMPLETED"
    assert ended.output_data == {"Flow.decision": "callback", "Flow.customerId": "10024"}
    assert (ended.date_completed - ended.date_launched).total_seconds() == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("customer", "status"), [("fail", "FAILED"), ("error", "ERROR"), ("stop", "TERMINATED")]
)
def test_it_reads_every_end_of_a_flow(
    emulator: Emulator, sdk: Any, client: Any, customer: str, status: str
) -> None:
    api = sdk.ArchitectApi(client)
    request = sdk.FlowExecutionLaunchRequest()
    request.flow_id, request.input_data = FLOW, {"Flow.customerId": customer}

    execution_id = api.post_flows_executions(request).id
    emulator.clock.advance(10)
    ended = api.get_flows_execution(execution_id)

    assert ended.status == status
    assert (ended.flow_error_info is not None) == (status == "ERROR")


def test_it_lists_flows_and_reads_one(sdk: Any, client: Any) -> None:
    api = sdk.ArchitectApi(client)

    listing = api.get_flows(type=["workflow"], name="Callback*", include_schemas=True)
    flow = api.get_flow(FLOW)

    assert [each.id for each in listing.entities] == [FLOW]
    assert (listing.total, listing.page_count, listing.next_uri) == (1, 1, None)
    assert flow.type == "WORKFLOW"
    assert "Flow.customerId" in str(flow.input_schema)


def test_it_lists_gets_and_executes_actions(sdk: Any, client: Any) -> None:
    api = integrations(sdk, client)

    listing = api.get_integrations_actions(name="lookup", page_size=10)
    action = api.get_integrations_action(LOOKUP, expand="contract", include_config=True)
    schema = api.get_integrations_action_schema(LOOKUP, "input.json")
    answer = api.post_integrations_action_execute(LOOKUP, {"customerId": "10024"})

    assert [each.id for each in listing.entities] == [LOOKUP]
    assert list(action.contract.input.input_schema.properties) == ["customerId"]
    assert action.config.timeout_seconds == 15
    assert action.config.request.request_template_uri.endswith("requesttemplate.vm")
    assert schema.required == ["customerId"]
    assert answer == {"customerName": "Ada Lovelace", "tier": "gold"}


def test_it_reads_a_template_as_text(sdk: Any, client: Any) -> None:
    text = integrations(sdk, client).get_integrations_action_template(LOOKUP, "successtemplate.vm")

    assert text == "${rawResult}"


def test_it_executes_a_function_and_reads_its_failure(sdk: Any, client: Any) -> None:
    api = integrations(sdk, client)

    answer = api.post_integrations_action_execute(FUNCTION, {"customerId": "10024"})
    with pytest.raises(sdk.rest.ApiException) as caught:
        api.post_integrations_action_execute(FUNCTION, {"customerId": "boom"})

    assert answer["enriched"] is True
    assert caught.value.status == 500
    assert "ACTION.REMOTE_ENDPOINT" in caught.value.body


def test_it_reads_the_steps_of_a_test(sdk: Any, client: Any) -> None:
    result = integrations(sdk, client).post_integrations_action_test(LOOKUP, {"customerId": "boom"})

    assert result.success is False
    assert [step.success for step in result.operations] == [True, True, True, True, False]
    assert result.operations[1].result == "https://crm.example.com/customers/boom"
    assert result.error.details[0].error_code == "ACTION.REMOTE_ENDPOINT"


def test_it_takes_a_draft_from_creation_to_publication(sdk: Any, client: Any) -> None:
    api = integrations(sdk, client)

    draft = api.post_integrations_actions_drafts(draft_input(sdk))
    update = sdk.UpdateDraftInput()
    update.version, update.category = draft.version, "Order Desk"
    changed = api.patch_integrations_action_draft(draft.id, update)
    validation = api.get_integrations_action_draft_validation(draft.id)
    publish = sdk.PublishDraftInput()
    publish.version = changed.version
    published = api.post_integrations_action_draft_publish(draft.id, publish)

    assert changed.version == draft.version + 1
    assert (validation.valid, validation.errors) == (True, [])
    assert published.category == "Order Desk"
    assert api.get_integrations_action(draft.id).name == "Order State"
    with pytest.raises(sdk.rest.ApiException) as caught:
        api.get_integrations_action_draft(draft.id)
    assert caught.value.status == 404


def test_a_stale_version_is_refused_with_409(sdk: Any, client: Any) -> None:
    api = integrations(sdk, client)
    api.post_integrations_action_draft(LOOKUP)
    publish = sdk.PublishDraftInput()
    publish.version = 99

    with pytest.raises(sdk.rest.ApiException) as caught:
        api.post_integrations_action_draft_publish(LOOKUP, publish)

    assert caught.value.status == 409
    assert "does not match the current version" in caught.value.body


def test_it_reads_runtimes_and_a_functions_settings(sdk: Any, client: Any) -> None:
    api = integrations(sdk, client)

    runtimes = api.get_integrations_actions_functions_runtimes()
    function = api.get_integrations_action_function(FUNCTION)

    assert [each.status for each in runtimes] == ["Available", "Deprecated"]
    assert function.function.timeout_seconds == 15
    assert function.zip.status == "Available"


def test_it_reads_integrations_a_queue_and_limits(sdk: Any, client: Any) -> None:
    listed = integrations(sdk, client).get_integrations()
    queue = sdk.RoutingApi(client).get_routing_queue(QUEUE)
    limits = sdk.OrganizationApi(client).get_organizations_limits_namespace("platform.api")

    assert {each.reported_state.code for each in listed.entities} == {"ACTIVE"}
    assert (queue.name, queue.scoring_method) == ("Technical Support", "TimestampAndPriority")
    assert {each.key: each.value for each in limits.entities}["token.rate.per.minute"] == 300


def test_it_replaces_a_queue_with_conditional_group_routing(sdk: Any, client: Any) -> None:
    api = sdk.RoutingApi(client)
    queue = api.get_routing_queue(QUEUE)
    rule, group = sdk.ConditionalGroupRoutingRule(), sdk.MemberGroup()
    group.id, group.type = "7e3d9b1c-4a5f-4e2d-8c6b-0a1f2e3d4c13", "GROUP"
    rule.metric, rule.operator = "EstimatedWaitTime", "GreaterThan"
    rule.condition_value, rule.wait_seconds, rule.groups = 30, 10, [group]
    request = sdk.QueueRequest()
    request.name, request.description = queue.name, queue.description
    request.conditional_group_routing = sdk.ConditionalGroupRouting()
    request.conditional_group_routing.rules = [rule]

    api.put_routing_queue(QUEUE, request)
    read = api.get_routing_queue(QUEUE)

    assert read.conditional_group_routing.rules[0].operator == "GreaterThan"
    assert read.description == "Second line"


@pytest.mark.parametrize(
    ("what", "status", "code"),
    [
        ("an unknown flow", 404, "not.found"),
        ("an input the flow does not have", 400, "bad.request"),
        ("no flow id", 400, "required.fields.missing"),
    ],
)
def test_it_maps_errors(sdk: Any, client: Any, what: str, status: int, code: str) -> None:
    request = sdk.FlowExecutionLaunchRequest()
    request.flow_id = None if what == "no flow id" else FLOW
    if what == "an unknown flow":
        request.flow_id = "00000000-0000-4000-8000-000000000000"
    request.input_data = {"Flow.nothing": 1}

    with pytest.raises(sdk.rest.ApiException) as caught:
        sdk.ArchitectApi(client).post_flows_executions(request)

    assert caught.value.status == status
    assert f'"code":"{code}"' in caught.value.body


def test_a_missing_permission_is_named(sdk: Any, login: Callable[[str], Any]) -> None:
    request = sdk.FlowExecutionLaunchRequest()
    request.flow_id = FLOW

    with pytest.raises(sdk.rest.ApiException) as caught:
        sdk.ArchitectApi(login("tieline-readonly")).post_flows_executions(request)

    assert caught.value.status == 403
    assert "architect:flow:launch" in caught.value.body


def test_an_expired_token_is_401(emulator: Emulator, sdk: Any, client: Any) -> None:
    emulator.clock.advance(90_000)

    with pytest.raises(sdk.rest.ApiException) as caught:
        sdk.ArchitectApi(client).get_flow(FLOW)

    assert caught.value.status == 401
    assert "bad.credentials" in caught.value.body


def test_it_waits_as_long_as_a_429_says_and_succeeds(
    emulator: Emulator, sdk: Any, client: Any
) -> None:
    emulator.add_fault(
        {"match": {"method": "GET", "path": "/api/v2/flows/{}"}, "calls": [1],
         "do": {"kind": "status", "status": 429, "retry_after": 0}}
    )  # fmt: skip

    flow = sdk.ArchitectApi(client).get_flow(FLOW)

    assert flow.id == FLOW
    assert [entry.status for entry in emulator.entries("flows.get")] == [429, 200]


def test_a_429_without_retry_after_is_an_error_at_once(
    emulator: Emulator, sdk: Any, client: Any
) -> None:
    emulator.add_fault({"match": {"path": "/api/v2/flows/{}"},
                        "do": {"kind": "status", "status": 429}})  # fmt: skip

    with pytest.raises(sdk.rest.ApiException) as caught:
        sdk.ArchitectApi(client).get_flow(FLOW)

    assert caught.value.status == 429
    assert len(emulator.entries("flows.get")) == 1


def test_a_launch_that_the_sdk_sends_twice_is_two_executions_and_the_journal_says_so(
    emulator: Emulator, sdk: Any, client: Any
) -> None:
    emulator.add_fault({"match": {"method": "POST", "path": "/api/v2/flows/executions"},
                        "calls": [1], "do": {"kind": "drop_after_commit"}})  # fmt: skip
    request = sdk.FlowExecutionLaunchRequest()
    request.flow_id = FLOW

    sdk.ArchitectApi(client).post_flows_executions(request)

    first, second = emulator.entries("flows.launch")
    assert (first.status, second.status) == (None, 200)
    assert first.effect != second.effect
    assert second.duplicate_of == first.n
