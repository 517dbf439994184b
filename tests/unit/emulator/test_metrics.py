"""`/metrics`: counts of requests, faults, duplicate effects and executions."""

from collections.abc import Iterator

from emulator_driver import FLOW, Driver
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from tieline.emulator.app import Emulator, create_app


def samples(text: str) -> dict[tuple[str, ...], float]:
    """By name and the values of the labels, in the order of their names."""
    return {
        (sample.name, *(sample.labels[label] for label in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_a_scrape_counts_requests_faults_duplicates_and_executions(
    app: Emulator, platform: Driver
) -> None:
    for _ in range(2):
        await platform.post("/api/v2/flows/executions", {"flowId": FLOW})
    app.add_fault({"do": {"kind": "status", "status": 503}})
    await platform.get("/there/is/no/such/call")

    got = await platform.get("/metrics")

    found = samples(got.raw.decode())
    assert got.headers["content-type"].startswith("application/openmetrics-text")
    requests = "tieline_emulator_requests_total"
    assert found[requests, "platform", "flows.launch", "200"] == 2
    assert found[requests, "platform", "none", "503"] == 1
    assert found["tieline_emulator_faults_total", "status"] == 1
    assert found["tieline_emulator_duplicate_effects_total", "flows.launch"] == 1
    assert found["tieline_emulator_executions", "flow", "queued"] == 2


async def test_a_scrape_tells_why_runs_of_functions_ended(app: Emulator) -> None:
    def endless() -> Iterator[tuple[str, bytes]]:
        yield "src/index.js", b"exports.handler = async () => { for (;;); };"

    ended = await app.world.code.run(
        "endless", endless, {}, runtime="node", handler="src/index.handler", seconds=0.2
    )

    got = await Driver(app).get("/metrics")
    counted = samples(got.raw.decode())
    how = (ended.reason or "", "node", ended.status, ended.tier or "")
    assert how[0] in {"wall", "cpu"}
    assert counted["tieline_emulator_sandbox_runs_total", *how] == 1


async def test_a_scrape_needs_the_control_token_where_there_is_one() -> None:
    got = await Driver(create_app(control_token="s3cret")).get("/metrics")

    assert got.status == 403


async def test_a_reset_starts_the_counts_again(app: Emulator, platform: Driver) -> None:
    launches = ("tieline_emulator_requests_total", "platform", "flows.launch", "200")
    await platform.post("/api/v2/flows/executions", {"flowId": FLOW})
    before = await Driver(app).get("/metrics")

    app.reset()

    after = await Driver(app).get("/metrics")
    assert launches in samples(before.raw.decode())
    assert launches not in samples(after.raw.decode())
