"""Every page over a state folder that has something, nothing, or something broken in it."""

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from dashboards import Address, dashboard

from tieline.audit.record import Record
from tieline.calls.event import Event
from tieline.runs.item import Change, NewItem
from tieline.runs.run import RunSpec
from tieline.secret import Secret
from tieline.store.deployments import FileJournal, journal_path
from tieline.store.ledger import loading, owners, reading, resolving
from tieline.store.ledger.claims import Limit, Share
from tieline.store.ledger.exchange import exchange
from tieline.store.ledger.loading import Loading
from tieline.store.ledger.sqlite_database import SqliteDatabase
from tieline.store.outbox import Endpoint, WebhookStore
from tieline.store.segments.log import SegmentLog

PAGES = ("/", "/runs", "/audit", "/rules", "/webhooks", "/activity")
HOSTILE = "<script>window.harmed=1</script>\"'><img src=x onerror=harmed=1>\u202egnp.exe"


async def write_log(folder: Path, *, target: str = "f1", count: int = 3) -> str:
    async with await SegmentLog.open(folder) as log:
        for number in range(count):
            intent = await log.append(
                Record("intent", "flows.launch", "flow", target, masked_input={"n": number})
            )
            await log.append(
                Record(
                    "outcome", "flows.launch", "flow", target, intent_id=intent,
                    status="completed", attempts=2, latency_ms=12.5, correlation_id=f"c-{number}",
                    result={"text": HOSTILE},
                )
            )  # fmt: skip
        return log.log_id


def write_runs(folder: Path, *, name: str = "callbacks", items: int = 60) -> None:
    database = SqliteDatabase(folder / "ledger.db")
    given = [NewItem(n, json.dumps({"email": "ann.lee@example.org"}), f"ref-{n}") for n in
             range(1, items + 1)]  # fmt: skip
    spec = RunSpec(kind="flow", target_id="f1", name=name, profile="emea")
    loading.load(database, Loading("run-1", spec, lambda: "abc"), given)
    run = reading.find(database, "run-1").no
    owner = owners.enlist(database, run, "driver")
    assert owner is not None
    resolving.set_state(database, run, "running", only_from=frozenset({"paused"}))
    share = Share(run, "run-1", owner, limits=(Limit("client", per_minute=300),))
    claims = exchange(database, share, [], slots=items).claims
    changes = [
        Change(c.seq, ("done", "failed", "uncertain")[c.seq % 3], correlation_id=f"c-{c.seq}",
               error={"code": "GENESYS_API_400", "message": "ann.lee@example.org: no"})
        for c in claims[:-1]
    ]  # fmt: skip
    exchange(database, share, changes, slots=0)
    database.close()


def write_webhooks(folder: Path) -> None:
    store = WebhookStore(folder / "webhooks.sqlite3")
    url = "https://user:pw@hooks.example.org/T000/s3cret-path?key=s3cret"
    store.put_endpoint(Endpoint("crm/eu", url, ("*",), (Secret("whsec_s3cret"),)))
    for number in range(60):
        store.add(Event(f"evt_{number}", "runs.done", {"secret": "s3cret"}, 1000.0))
    store.fan_out()
    first = store.oldest("crm/eu")
    assert first is not None
    store.settle(first, "dead", error="the receiver answered 500")
    store.close()


def write_deployment(folder: Path) -> str:
    path = journal_path(folder, ruleset="Technical Support", target="table", place="x")
    journal = FileJournal(path)
    for entry in (
        {"event": "begin", "deployment": "dep_1", "at": "2026-01-31T12:00:00.000Z",
         "action": "apply", "desired": "d", "file": "f" * 64,
         "facts": {"names": {"r": "Escalation"}, "draft": 7}},
        {"event": "step", "deployment": "dep_1", "at": "2026-01-31T12:00:01.000Z",
         "step": "publish", "phase": "before"},
        {"event": "end", "deployment": "dep_1", "at": "2026-01-31T12:00:02.000Z",
         "state": "deployed", "message": "", "facts": {}},
    ):  # fmt: skip
        journal.append(entry)
    return path.stem


@pytest.fixture
def full(tmp_path: Path) -> Path:
    anyio.run(write_log, tmp_path / "audit")
    write_runs(tmp_path)
    write_webhooks(tmp_path)
    write_deployment(tmp_path)
    return tmp_path


@pytest.fixture
def address(full: Path) -> Iterator[Address]:
    with dashboard(full) as found:
        yield found


def text_of(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", " ", page))


def test_an_empty_folder_says_on_each_page_which_command_fills_it_and_stays_empty(
    tmp_path: Path,
) -> None:
    with dashboard(tmp_path) as address:
        pages = {path: address.get(path) for path in PAGES}
        assert address.get("/metrics").status == 200

    commands = {
        "/": "tieline runs start", "/runs": "tieline runs start", "/audit": "tieline flows launch",
        "/rules": "tieline rules apply", "/webhooks": "tieline webhooks add",
        "/activity": "tieline flows launch",
    }  # fmt: skip
    for path, command in commands.items():
        assert pages[path].status == 200
        assert command in text_of(pages[path].text), path
        assert str(tmp_path) in pages[path].text
    assert list(tmp_path.iterdir()) == []


def test_a_run_is_shown_with_its_counts_its_failures_and_what_can_be_done(address: Address) -> None:
    page = text_of(address.get("/runs/run-1").text)

    assert "running" in page or "paused" in page
    for command in (
        "runs resolve run-1 --look-up --profile emea",
        "runs cancel run-1",
        "runs export",
    ):
        assert command in page
    assert "uncertain 20" in " ".join(page.split())
    assert address.get("/runs/callbacks").status == 200
    assert address.get("/runs/none").status == 404


def test_items_are_paged_by_where_the_last_page_ended(address: Address) -> None:
    first = address.get("/runs/run-1").text
    following = re.search(r'href="(/runs/run-1\?after=\d+)', first)
    assert following is not None
    second = address.get(html.unescape(following[1])).text

    assert (first.count('data-label="Line"'), second.count('data-label="Line"')) == (50, 10)
    failed = text_of(address.get("/runs/run-1?only=failed").text)
    assert "ref-1 " in failed
    assert "ref-2 " not in failed


def test_what_the_ledger_keeps_of_customers_is_masked(address: Address) -> None:
    for path in ("/runs/run-1", "/runs/run-1?only=failed", "/runs"):
        page = address.get(path).text
        assert "ann.lee" not in page
    assert "[email:" in address.get("/runs/run-1?only=failed").text


def test_a_record_is_shown_with_its_pair_and_its_proof(address: Address, full: Path) -> None:
    page = address.get("/audit/1").text
    proof = json.loads(address.get("/audit/1/proof.json").text)

    assert "record 0" in page
    assert "proven" in page
    assert (proof["type"], proof["record"], proof["size"]) == ("inclusion", 1, 6)
    assert address.get("/audit/99").status == 404
    assert address.get("/audit/99/proof.json").status == 404
    assert "intact" in _until(address, "/audit", "intact")


def test_records_are_found_by_each_field_of_the_form(address: Address) -> None:
    for query, count in (
        ("id=c-1", 1), ("status=completed", 3), ("operation=flows.launch", 6), ("target=f2", 0),
        ("since=2100-01-01", 0), ("until=2100-01-01", 6), ("status=completed&id=c-2", 1),
        ("id=" + "x" * 1000, 6), ("below=2", 2), ("below=abc", 6),
    ):  # fmt: skip
        page = address.get(f"/audit?{query}").text
        assert page.count('data-label="Record"') == count, query


def test_an_altered_record_is_told_and_a_proof_of_it_fails(full: Path) -> None:
    (segment,) = (full / "audit" / "segments").iterdir()
    segment.write_bytes(segment.read_bytes().replace(b'"c-1"', b'"c-7"'))

    with dashboard(full) as address:
        page = text_of(_until(address, "/audit", "problem"))
        record = text_of(address.get("/audit/3").text)

    assert "altered" in page
    assert "tieline audit verify" in page
    assert "not in the tree" in record


def test_webhooks_show_what_waits_and_no_secret(address: Address) -> None:
    pages = [address.get(path).text for path in
             ("/webhooks", "/webhooks/crm%2Feu", "/webhooks/crm%2Feu?state=dead", "/")]  # fmt: skip

    assert all("s3cret" not in page for page in pages)
    assert "https://hooks.example.org/…" in pages[0]
    assert pages[1].count('data-label="Event"') == 50
    older = re.search(r'href="(/webhooks/crm%2Feu\?state=pending&amp;below=\d+)"', pages[1])
    assert older is not None
    assert address.get(html.unescape(older[1])).text.count('data-label="Event"') == 9
    assert "the receiver answered 500" in pages[2]
    assert "webhooks replay --endpoint crm/eu" in text_of(pages[2])
    assert address.get("/webhooks/none").status == 404


def test_rules_show_what_stands_and_how_it_got_there(address: Address, full: Path) -> None:
    listed = text_of(address.get("/rules").text)
    name = next((full / "deployments").glob("*.jsonl")).stem
    shown = text_of(address.get(f"/rules/{name}").text)

    assert "technical-support" in listed
    assert "decision table" in listed
    assert "Escalation" in shown
    assert "publish" in shown
    assert "not known to have ended" in shown
    assert address.get("/rules/none").status == 404


def test_metrics_are_openmetrics_with_runs_log_and_webhooks(address: Address) -> None:
    from prometheus_client.openmetrics.parser import text_string_to_metric_families

    _until(address, "/activity", "f1")
    answer = address.get("/metrics")

    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    found = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert found["tieline_invocations_total", "completed", "f1", "flow"] == 3
    assert found["tieline_run_items", "failed", "run-1"] == 20
    assert found["tieline_audit_records",] == 6
    assert found["tieline_webhook_deliveries", "crm/eu", "dead"] == 1


def test_only_what_changed_is_sent_and_nothing_where_nothing_did(full: Path) -> None:
    with dashboard(full) as address:
        page = _until(address, "/webhooks", "crm")
        asked = re.search(r'hx-get="([^"]+)"', page)
        assert asked is not None
        news = html.unescape(asked[1])
        assert address.get(news).status == 204

        store = WebhookStore(full / "webhooks.sqlite3")
        first = store.oldest("crm/eu")
        assert first is not None
        store.settle(first, "dead", error="gone")
        store.close()
        changed = address.get(news)

    assert changed.status == 200
    assert 'hx-target="#panel-endpoints"' in changed.text
    assert "<html" not in changed.text


def test_a_file_that_cannot_be_read_is_said_where_it_would_stand_and_the_rest_stands(
    full: Path,
) -> None:
    (full / "ledger.db").write_bytes(b"this is a letter, not a database\n" * 100)
    for extra in ("ledger.db-wal", "ledger.db-shm"):
        (full / extra).unlink(missing_ok=True)
    next((full / "deployments").glob("*.jsonl")).write_text('{"event":"begin"}\n')

    with dashboard(full) as address:
        page = text_of(_until(address, "/", "completed"))
        rules = text_of(address.get("/rules").text)
        metrics = address.get("/metrics")

    assert "cannot be read" in page
    assert "tieline doctor" in page
    assert "Latest invocations" in page
    assert "is damaged" in rules
    assert (metrics.status, json.loads(metrics.text)["code"]) == (503, "STORE_UNAVAILABLE")


def test_hostile_names_and_records_are_escaped_everywhere(tmp_path: Path) -> None:
    anyio.run(lambda: write_log(tmp_path / "audit", target=HOSTILE))
    write_runs(tmp_path, name=HOSTILE)

    with dashboard(tmp_path) as address:
        _until(address, "/activity", "script")
        for path in (*PAGES, "/runs/run-1", "/audit/1", f"/audit?id={'%3Cscript%3E'}",
                     "/runs/%3Cscript%3E", "/%3Cscript%3E"):  # fmt: skip
            page = address.get(path).text
            assert "<script>window" not in page, path
            assert "<img" not in page, path
            assert "\u202e" not in page, path
            assert "<script>" not in page, path


HUGE = "9" * 30
ENDLESS = "9" * 6000


def test_a_journal_whose_entries_are_of_other_kinds_is_damaged_and_said(full: Path) -> None:
    journal = next((full / "deployments").glob("*.jsonl"))
    begin = {"event": "begin", "deployment": "d", "at": "t", "action": "apply", "facts": {}}
    for entries in (
        [begin, {"event": "end", "deployment": "d", "at": "t", "state": ["deployed"]}],
        [{**begin, "action": {"a": 1}}],
        [{**begin, "facts": [1]}],
        [{**begin, "deployment": None, "at": None}, "text", 5],
    ):  # fmt: skip
        journal.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
        with dashboard(full) as address:
            assert "is damaged" in text_of(address.get("/rules").text)
            assert address.get(f"/rules/{journal.stem}").status == 200


def test_no_address_whatever_it_asks_for_breaks_the_dashboard(address: Address, full: Path) -> None:
    log = json.loads((full / "audit" / "log.json").read_text())["log"]
    asked = [
        f"/audit/{HUGE}", f"/audit/{ENDLESS}", f"/audit/{HUGE}/proof.json", "/audit/-1",
        f"/audit/{ENDLESS}/proof.json", "/audit/1e3", f"/audit?id={log}:{HUGE}",
        f"/audit?below={HUGE}", f"/audit?below={ENDLESS}", "/audit?id=%00", "/audit?id=%ED%A0%80",
        f"/runs?below={HUGE}", f"/runs/run-1?after={HUGE}", "/runs/%00", "/runs/%FF", "/runs/..",
        f"/webhooks/crm%2Feu?below={HUGE}&state=%00", "/webhooks/%00", "/rules/%2e%2e%2fledger",
        "/live/?seen=" + "." * 10_000, "/live/audit/x", "/live/nothing", "//", "/%0d%0aX:%20y",
        "/audit?" + "&".join(f"a{n}=1" for n in range(500)),
    ]  # fmt: skip
    for path in asked:
        assert address.get(path).status in {200, 204, 400, 404}, path[:60]
    assert address.get("/").status == 200


def _until(address: Address, path: str, said: str) -> str:
    """The page once the background has come that far; each look is a request and takes a while."""
    for _ in range(400):
        page = address.get(path).text
        if said in text_of(page):
            return page
    raise AssertionError(f"{path} never said {said!r}: {text_of(page)}")
