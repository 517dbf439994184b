"""The vendor's own Python SDK makes, publishes and executes a decision table on the emulator."""

import http.client
from typing import Any
from urllib.parse import urlsplit

import pytest
from emulator_driver import QUEUE
from table_driver import HOME, attribute

from tieline.emulator.app import Emulator

# The SDK's own; nothing of ours warns.
pytestmark = [
    pytest.mark.filterwarnings("ignore::SyntaxWarning:PureCloudPlatformClientV2"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:PureCloudPlatformClientV2"),
    # It keeps its pool of connections, and no call closes it.
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]


@pytest.fixture
def api(client: Any, sdk: Any) -> Any:
    return sdk.BusinessRulesApi(client)


def made_schema(sdk: Any, api: Any) -> Any:
    document = sdk.JsonSchemaWithDefinitions()
    document.schema = "http://json-schema.org/draft-04/schema#"
    document.title, document.type = "Routing", "object"
    document.properties = {
        "tier": attribute("enum", enum=["gold", "silver"]),
        "since": attribute("datetime"),
        "queue": attribute("businessRulesQueue"),
    }
    request = sdk.BusinessRulesSchemaCreateRequest()
    request.json_schema = document
    return api.post_businessrules_schemas(request)


def input_column(sdk: Any, key: str, comparator: str) -> Any:
    column = sdk.DecisionTableInputColumnRequest()
    column.defaults_to = sdk.DecisionTableColumnDefaultRowValue()
    column.defaults_to.special = "Wildcard"
    column.expression = sdk.DecisionTableInputColumnExpression()
    column.expression.contractual = sdk.Contractual()
    column.expression.contractual.schema_property_key = key
    column.expression.comparator = comparator
    return column


def output_column(sdk: Any) -> Any:
    inner = None
    for key in ("id", "queue", "queue"):
        value = sdk.OutputValue()
        value.schema_property_key = key
        value.properties = None if inner is None else [inner]
        inner = value
    column = sdk.DecisionTableOutputColumnRequest()
    column.defaults_to = sdk.DecisionTableColumnDefaultRowValue()
    column.defaults_to.special = "Null"
    column.value = inner
    return column


def made_table(sdk: Any, api: Any) -> Any:
    request = sdk.CreateDecisionTableRequest()
    request.name, request.division_id = "Routing", HOME
    request.schema_id = made_schema(sdk, api).id
    request.columns = sdk.CreateDecisionTableColumnsRequest()
    request.columns.inputs = [
        input_column(sdk, "tier", "Equals"),
        input_column(sdk, "since", "GreaterThanOrEquals"),
    ]
    request.columns.outputs = [output_column(sdk)]
    return api.post_businessrules_decisiontables(request)


def cell(sdk: Any, **told: Any) -> Any:
    literal = sdk.Literal()
    for name, value in told.items():
        setattr(literal, name, value)
    parameter = sdk.DecisionTableRowParameterValue()
    parameter.literal = literal
    return parameter


def new_row(sdk: Any, table: Any, tier: str) -> Any:
    row = sdk.CreateDecisionTableRowRequest()
    row.inputs = {table.columns.inputs[0].id: cell(sdk, string=tier)}
    row.outputs = {table.columns.outputs[0].id: cell(sdk, string=QUEUE)}
    return row


def execution(sdk: Any, **inputs: Any) -> Any:
    request = sdk.DecisionTableExecutionRequest()
    request.inputs = inputs
    return request


def test_it_makes_a_schema_and_reads_it_back(sdk: Any, api: Any) -> None:
    made = made_schema(sdk, api)

    read = api.get_businessrules_schema(made.id)

    assert (read.name, read.version, read.enabled) == ("Routing", 1, True)
    assert read.json_schema.properties["tier"]["enum"] == ["gold", "silver"]
    assert [one.id for one in api.get_businessrules_schemas().entities] == [made.id]
    assert api.get_businessrules_schemas_coretypes().total == 9
    core = api.get_businessrules_schemas_coretype("string")
    assert core.validation_limits.max_length.max > 0


def test_it_fills_publishes_and_executes_a_table(emulator: Emulator, sdk: Any, api: Any) -> None:
    table = made_table(sdk, api)
    row = new_row(sdk, table, "gold")
    row.inputs[table.columns.inputs[1].id] = cell(sdk, datetime="2026-01-01T00:00:00.000Z")
    api.post_businessrules_decisiontable_version_rows(table.id, 1, row)
    bulk = sdk.BulkAddDecisionTableRowsRequest()
    bulk.rows = [new_row(sdk, table, "silver"), new_row(sdk, table, "gold")]
    added = api.post_businessrules_decisiontable_version_rows_bulk_add(table.id, 1, bulk)

    with pytest.raises(sdk.rest.ApiException) as early:
        api.put_businessrules_decisiontable_version_publish(table.id, 1)
    emulator.clock.advance(1)
    published = api.put_businessrules_decisiontable_version_publish(table.id, 1)
    answer = api.post_businessrules_decisiontable_execute(
        table.id, execution(sdk, tier="gold", since="2026-02-01T00:00:00.000Z")
    )

    assert added.total_created == 2
    assert early.value.status == 409
    assert published.status == "Published"
    assert published.contract.execution_input_schema.properties["tier"]
    assert answer.total_match_row_count == 2
    assert [row.id for row in answer.top_match_rows] == [added.rows[1].id]
    (winner,) = answer.row_execution_outputs
    assert (winner.row_index, winner.outputs) == (1, {"queue": {"queue": {"id": QUEUE}}})
    whole = api.get_businessrules_decisiontable(table.id)
    assert (whole.published.version, whole.latest_version_status) == (1, "Published")


def test_it_makes_a_second_version_and_rolls_back(emulator: Emulator, sdk: Any, api: Any) -> None:
    table = made_table(sdk, api)
    api.post_businessrules_decisiontable_version_rows(table.id, 1, new_row(sdk, table, "gold"))
    snapshot = sdk.CreateDecisionTableSnapshotRequest()
    snapshot.snapshot_name = "First"
    api.post_businessrules_decisiontable_version_snapshot(table.id, 1, snapshot)
    emulator.clock.advance(1)
    api.put_businessrules_decisiontable_version_publish(table.id, 1)

    second = api.post_businessrules_decisiontable_versions(table.id)
    emulator.clock.advance(1)
    synced = api.post_businessrules_decisiontable_version_sync(table.id, 2)
    rows = api.get_businessrules_decisiontable_version_rows(table.id, 2)
    api.put_businessrules_decisiontable_version_publish(table.id, 2)
    back = api.post_businessrules_decisiontable_version_rollback(table.id, 1)

    assert (second.version, second.status) == (2, "Preparing")
    assert (synced.status, rows.total) == ("Draft", 1)
    assert (back.status, back.snapshot.name) == ("Published", "First")
    listed = api.get_businessrules_decisiontable_versions(table.id, status=["Superseded"])
    assert [version.version for version in listed.entities] == [2]


def test_it_finds_updates_and_removes_rows(sdk: Any, api: Any) -> None:
    table = made_table(sdk, api)
    bulk = sdk.BulkAddDecisionTableRowsRequest()
    bulk.rows = [new_row(sdk, table, "silver"), new_row(sdk, table, "gold")]
    added = api.post_businessrules_decisiontable_version_rows_bulk_add(table.id, 1, bulk)
    predicate = sdk.RowSearchPredicate()
    predicate.column_id, predicate.operator = table.columns.inputs[0].id, "Equals"
    predicate.value = "gold"
    search = sdk.SearchDecisionTableRowsRequest()
    search.filter = sdk.RowSearchFilter()
    search.filter.predicates = [predicate]

    found = api.post_businessrules_decisiontable_version_rows_search(table.id, 1, search)
    put = sdk.PutDecisionTableRowRequest()
    put.inputs, put.outputs = bulk.rows[0].inputs, bulk.rows[0].outputs
    api.put_businessrules_decisiontable_version_row(table.id, 1, added.rows[1].id, put)
    again = api.post_businessrules_decisiontable_version_rows_search(table.id, 1, search)
    remove = sdk.BulkDeleteDecisionTableRowsRequest()
    remove.row_ids = [row.id for row in added.rows]
    api.post_businessrules_decisiontable_version_rows_bulk_remove(table.id, 1, remove)

    assert [row.id for row in found.entities] == [added.rows[1].id]
    assert again.total == 0
    assert api.get_businessrules_decisiontable_version_rows(table.id, 1).total == 0


def sent(method: str, url: str, body: bytes | None = None, **headers: str) -> bytes:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    try:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, parts.path, body, names)
        answer = connection.getresponse()
        assert answer.status == 200, answer.status
        return answer.read()
    finally:
        connection.close()


def test_it_imports_rows_into_what_it_exported(
    emulator: Emulator, sdk: Any, client: Any, api: Any
) -> None:
    table = made_table(sdk, api)
    request = sdk.DecisionTableExportJobRequest()
    request.export_type, request.format = "Template", "Csv"
    export = api.post_businessrules_decisiontable_exports(table.id, request)
    emulator.clock.advance(1)
    export = api.get_businessrules_decisiontable_export(table.id, export.id)
    address = sdk.DownloadsApi(client).get_download(export.download.id).url
    template = sent("GET", address)
    request = sdk.CreateDecisionTableImportJobRequest()
    request.import_mode, request.file_name = "Append", "rows.csv"
    job = api.post_businessrules_decisiontable_imports(table.id, request)

    content = template + f",gold,,{QUEUE}\r\n,bronze,,{QUEUE}\r\n".encode()
    sent("PUT", job.upload_url, content, Content_Type=job.upload_headers["Content-Type"])
    emulator.clock.advance(1)
    failed = api.get_businessrules_decisiontable_import(table.id, job.id)
    again = api.post_businessrules_decisiontable_imports(table.id, request)
    good = content.replace(b"bronze", b"silver")
    sent("PUT", again.upload_url, good, Content_Type=again.upload_headers["Content-Type"])
    emulator.clock.advance(1)
    done = api.get_businessrules_decisiontable_import(table.id, again.id)

    assert failed.status == "Failed"
    assert [error.row_number for error in failed.error.validation_errors] == [2]
    assert (done.status, done.row_metrics.rows_created) == ("Complete", 2)
    assert api.get_businessrules_decisiontable_version(table.id, 1).row_count == 2
