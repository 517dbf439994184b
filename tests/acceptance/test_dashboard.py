"""The dashboard as people use it: the real command in a real browser, while a run goes on."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from chromium import Browser, BrowserPage, chromium, find_browser

from tieline.audit.record import Record
from tieline.emulator.server import running
from tieline.runs.item import NewItem
from tieline.runs.run import RunSpec
from tieline.store.ledger.loading import Loading, load
from tieline.store.ledger.sqlite_database import SqliteDatabase
from tieline.store.segments.log import SegmentLog

FLOW = "3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11"
TIELINE = [sys.executable, "-m", "tieline"]
PAGES = ("/", "/runs", "/audit", "/rules", "/webhooks", "/activity")
HOSTILE = "<script>window.harmed=1</script><img src=x onerror='window.harmed=1'>\u202egnp.exe"
ITEMS = 24


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = find_browser()
    if program is None and os.environ.get("CI") != "true":
        pytest.xfail("no browser here; apt-get install chromium")
    assert program is not None, "apt-get install chromium"
    with chromium(program, tmp_path_factory.mktemp("browser")) as found:
        yield found


@contextmanager
def served(state_dir: Path, *words: str) -> Iterator[str]:
    """`tieline dashboard` over a state folder; yields its address."""
    process = subprocess.Popen(
        [*TIELINE, "dashboard", "--state-dir", str(state_dir), "--port", "0", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=state_dir,
    )  # fmt: skip
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate()[1]
    try:
        yield json.loads(line)["url"]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        assert process.returncode == 0


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder that the demo leaves."""
    folder = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [*TIELINE, "demo", "--keep", str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def demo(kept: Path) -> Iterator[str]:
    """A dashboard over it."""
    with served(kept) as url:
        yield url


def see(page: BrowserPage, url: str) -> None:
    page.go(url)
    page.until("document.querySelectorAll('.panel').length > 0")


def test_a_run_is_watched_as_it_advances_without_loading_the_page_again(
    browser: Browser, tmp_path: Path
) -> None:
    items = tmp_path / "items.jsonl"
    items.write_text("".join(f'{{"Flow.customerId":"{n}"}}\n' for n in range(ITEMS)))
    page = browser.page()
    with running() as (_, emulator), served(tmp_path) as url:
        see(page, url)
        assert "tieline runs start" in page.text("#panel-running")
        page.evaluate("window.same = true")
        environment = {
            **os.environ, "TIELINE_BASE_URL": emulator.url, "TIELINE_CLIENT_ID": emulator.client_id,
            "TIELINE_CLIENT_SECRET": emulator.client_secret, "TIELINE_STATE_DIR": str(tmp_path),
        }  # fmt: skip
        run = subprocess.Popen(
            [*TIELINE, "runs", "start", "--flow", FLOW, "--items", str(items), "--concurrency", "2",
             "--name", "renewals", "--quiet"],
            env=environment, stdout=subprocess.DEVNULL, cwd=tmp_path,
        )  # fmt: skip
        try:
            settled = (
                "parseInt(document.querySelector('#panel-running .progress small')?.innerText)"
            )
            page.until(f"({settled} || 0) > 0 && document.querySelector('.tone-running')")
            first = page.evaluate(settled)
            page.until(f"{settled} > {first}")
            page.evaluate("document.querySelector('#panel-running a').focus()")
            page.until("document.querySelector('#panel-running').innerText.includes('None')")
            assert run.wait(60) == 0
        finally:
            run.kill()
        page.until("document.querySelector('.edge-completed dd').innerText == '24'")

        assert page.evaluate("window.same") is True
        assert "done" in page.text("#panel-running")
        assert page.evaluate("document.activeElement.innerText") == "renewals"
        assert page.text("#live-note").startswith("Live, checked")
        see(page, f"{url}/runs/renewals")
        page.until("document.querySelectorAll('.plot canvas').length == 2")
        assert page.complaints == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390], ids=["desk", "phone"])
def test_every_page_fits_its_screen_and_the_browser_complains_of_nothing(
    browser: Browser, demo: str, width: int, dark: bool
) -> None:
    page = browser.page(width=width, dark=dark)
    for path in (*PAGES, "/audit/1", "/audit?status=uncertain"):
        see(page, demo + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.evaluate(_LOWEST_CONTRAST) >= 4.5, path

    assert page.complaints == []
    ink = page.evaluate("getComputedStyle(document.body).color")
    assert ink == ("rgb(230, 234, 239)" if dark else "rgb(27, 33, 41)")


def test_what_a_record_or_a_name_holds_is_text_and_stays_small(
    browser: Browser, tmp_path: Path
) -> None:
    anyio.run(_hostile_log, tmp_path / "audit")
    database = SqliteDatabase(tmp_path / "ledger.db")
    spec = RunSpec(kind="flow", target_id=HOSTILE, name=HOSTILE, items_source=HOSTILE)
    load(database, Loading("run-1", spec, lambda: ""), [NewItem(1, "{}", HOSTILE)])
    database.close()

    page = browser.page()
    with served(tmp_path) as url:
        for path in (*PAGES, "/audit/1", "/audit/3", "/runs/run-1"):
            see(page, url + path)
            assert page.evaluate("window.harmed") is None, path
            assert page.evaluate("document.querySelectorAll('main script, main img').length") == 0
            assert page.evaluate("document.documentElement.outerHTML.length") < 300_000, path
            assert "\u202e" not in page.text(), path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert "<script>window.harmed=1</script>" in page.text("#panel-run")
        assert "⟨U+202E⟩" in page.text("#panel-run")
        see(page, f"{url}/audit/3")
        assert "1,000,000 characters" in page.text("#panel-record")
    assert page.complaints == []


async def _hostile_log(folder: Path) -> None:
    deep: Any = "end"
    for _ in range(200):
        deep = {"deeper": deep}
    async with await SegmentLog.open(folder) as log:
        for result in ({HOSTILE: HOSTILE}, {"long": "x" * 1_000_000, "deep": deep}):
            intent = await log.append(Record("intent", HOSTILE, "flow", HOSTILE))
            await log.append(
                Record(
                    "outcome", HOSTILE, "flow", HOSTILE, intent_id=intent, status="completed",
                    result=result, correlation_id=HOSTILE, actor=HOSTILE,
                )
            )  # fmt: skip


def test_a_script_that_got_into_a_page_would_not_run_and_would_be_seen(
    browser: Browser, demo: str
) -> None:
    page = browser.page()
    see(page, demo)

    page.evaluate(
        "(() => { const script = document.createElement('script');"
        " script.textContent = 'window.harmed = 1'; document.body.append(script);"
        " document.body.insertAdjacentHTML('beforeend', '<b style=\"color:red\">x</b>'); })()"
    )

    assert page.evaluate("window.harmed") is None
    assert sum("Content Security Policy" in said for said in page.complaints) == 2


def test_without_scripts_every_page_can_be_read(browser: Browser, demo: str) -> None:
    page = browser.page()
    page.without_scripts()
    for path, said in (
        ("/", "Latest invocations"), ("/audit", "flows.launch"), ("/audit/1", "proven"),
        ("/activity", "The same as a table"), ("/rules", "technical-support"),
    ):  # fmt: skip
        page.go(demo + path)
        assert said in page.text(), path
    page.go(f"{demo}/audit?status=uncertain&operation=flows.launch")
    assert page.evaluate("document.querySelectorAll('#panel-search tbody tr').length") > 0


def test_the_keyboard_gets_past_the_navigation_and_to_every_command(
    browser: Browser, demo: str
) -> None:
    page = browser.page()
    see(page, demo)

    page.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.press("Enter")
    page.until("document.activeElement.id === 'main'")
    page.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_a_reader_can_stop_the_news_and_is_told_when_there_are_none(
    browser: Browser, kept: Path
) -> None:
    page = browser.page()
    with served(kept) as url:
        see(page, url)
        page.until("document.querySelector('#live-note').innerText.startsWith('Live, checked')")
        page.evaluate("document.querySelector('#live-switch').click()")
        assert page.text("#live-note").startswith("Paused")
        page.evaluate("document.querySelector('#live-switch').click()")
        page.until("document.querySelector('#live-note').innerText.startsWith('Live, checked')")

    page.until("document.querySelector('#live-note').innerText.includes('does not answer')")
    assert page.evaluate("document.querySelector('#live-note').dataset.live") == "lost"


def test_a_person_enters_with_the_token(browser: Browser, kept: Path, tmp_path: Path) -> None:
    token = tmp_path / "token.txt"
    token.write_text("a-token-of-this-test\n")
    page = browser.page()
    with served(kept, "--token-file", str(token)) as url:
        page.go(f"{url}/runs")
        assert "asks for its token" in page.text()
        page.evaluate("document.querySelector('#token').value = 'a-token-of-this-test'")
        page.follow("document.querySelector('form.login').submit()")
        assert page.evaluate("location.pathname") == "/runs"
        page.until("document.querySelector('#live-note').innerText.startsWith('Live, checked')")
        assert page.evaluate("document.cookie") == ""
    assert [said for said in page.complaints if "401" in said or "Security" in said] == []


def test_other_machines_are_not_let_in_without_a_token(tmp_path: Path) -> None:
    done = subprocess.run(
        [*TIELINE, "dashboard", "--host", "0.0.0.0", "--state-dir", str(tmp_path)],  # noqa: S104  # refused
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip

    assert done.returncode == 2
    assert "would let others look" in done.stderr
    assert "--token-file" in done.stderr


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [*TIELINE, "dashboard", "--port", str(port), "--state-dir", str(tmp_path)],
            capture_output=True, text=True, check=False, cwd=tmp_path,
        )  # fmt: skip

    assert done.returncode == 2
    assert str(port) in done.stderr


def test_the_ready_file_holds_what_is_printed(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    with served(tmp_path, "--ready-file", str(ready)) as url:
        document = json.loads(ready.read_text())

    assert document["url"] == url
    assert set(document) == {"url", "pid"}


# The lowest contrast of any text with what is behind it (WCAG 2.2, 1.4.3); canvases apart.
_LOWEST_CONTRAST = """(() => {
  const channel = (value) => {
    value /= 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const colour = numbers(getComputedStyle(element).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  let lowest = 21;
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const element = text.parentElement;
    if (!text.data.trim() || !element.checkVisibility()) continue;
    const [a, b] = [light(numbers(getComputedStyle(element).color)), light(behind(element))];
    lowest = Math.min(lowest, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  }
  return lowest;
})()"""
