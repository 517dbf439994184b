"""A real browser, driven over its debugging pipe; what it complains of is kept.

Nothing beside the browser is needed: the protocol is JSON over two inherited pipes, a NUL byte
behind each message (`--remote-debugging-pipe`).
"""

import base64
import json
import os
import shutil
import subprocess
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WAIT_SECONDS = 30

# Resolves once the expression holds; looks again whenever the page has had time to change.
_UNTIL = """new Promise((resolve, reject) => {
  const end = Date.now() + %d;
  (function look() {
    let found;
    try { found = (%s); } catch (error) { found = null; }
    if (found) resolve(true);
    else if (Date.now() > end) reject(new Error(%s));
    else setTimeout(look, 25);
  })();
})"""


class BrowserFailed(AssertionError):
    """The browser refused a command, or a page's script raised."""


@dataclass
class Browser:
    """One headless browser. Use it from one thread."""

    write: int
    read: int
    ids: Iterator[int] = field(default_factory=lambda: iter(range(1, 1 << 30)))
    rest: bytes = b""
    complaints: dict[str, list[str]] = field(default_factory=dict)
    events: dict[str, deque[tuple[str, Any]]] = field(default_factory=dict)

    def page(self, *, width: int = 1280, height: int = 900, dark: bool = False) -> "BrowserPage":
        """A fresh page with cookies of its own."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)
        attached = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        page = BrowserPage(self, attached["sessionId"])
        self.complaints[page.session] = []
        self.events[page.session] = deque(maxlen=1000)
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.call(f"{domain}.enable")
        page.call("Page.setLifecycleEventsEnabled", enabled=True)
        page.size(width, height)
        page.prefer("dark" if dark else "light")
        return page

    def call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """One command; returns its result."""
        number = next(self.ids)
        message: dict[str, Any] = {"id": number, "method": method, "params": params}
        if session is not None:
            message["sessionId"] = session
        os.write(self.write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == number:
                if "error" in answer:
                    raise BrowserFailed(f"{method}: {answer['error']['message']}")
                result: dict[str, Any] = answer["result"]
                return result
            self._note(answer)

    def until_event(
        self, session: str, method: str, wanted: Callable[[Mapping[str, Any]], bool]
    ) -> None:
        """Wait for an event of a page; it may have come during an earlier command."""
        while not any(kind == method and wanted(event) for kind, event in self.events[session]):
            self._note(self._next())
        self.events[session].clear()

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self.rest:
            content = os.read(self.read, 1 << 16)
            if not content:
                raise BrowserFailed("the browser is gone")
            self.rest += content
        message, _, self.rest = self.rest.partition(b"\0")
        read: dict[str, Any] = json.loads(message)
        return read

    def _note(self, event: Mapping[str, Any]) -> None:
        session = event.get("sessionId", "")
        kept = self.complaints.get(session)
        if kept is None:
            return
        params = event.get("params", {})
        self.events[session].append((event.get("method", ""), params))
        match event.get("method"):
            case "Log.entryAdded" if params["entry"]["level"] in {"error", "warning"}:
                entry = params["entry"]
                kept.append(f"{entry['source']}: {entry['text']} {entry.get('url', '')}")
            case "Runtime.consoleAPICalled" if params["type"] in {"error", "warning", "assert"}:
                kept.append(" ".join(str(arg.get("value", arg)) for arg in params["args"]))
            case "Runtime.exceptionThrown":
                details = params["exceptionDetails"]
                kept.append(str(details.get("exception", {}).get("description", details["text"])))
            case _:
                pass


@dataclass
class BrowserPage:
    """A tab: go somewhere, look, click."""

    browser: Browser
    session: str

    @property
    def complaints(self) -> list[str]:
        """Console errors and warnings, uncaught exceptions, violations of the page's policy."""
        self.evaluate("1")  # whatever was written before it has arrived now
        return self.browser.complaints[self.session]

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """A command to this page."""
        return self.browser.call(method, self.session, **params)

    def size(self, width: int, height: int) -> None:
        """As wide and high as that; narrow ones are phones."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip

    def prefer(self, scheme: str) -> None:
        """What the reader's system is set to: `light` or `dark`."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.call("Emulation.setEmulatedMedia", features=[feature])

    def without_scripts(self) -> None:
        """Let no script run in the pages that are opened from now on."""
        self.call("Emulation.setScriptExecutionDisabled", value=True)

    def go(self, url: str) -> None:
        """Open a page and wait until everything in it is loaded."""
        loader = self.call("Page.navigate", url=url)["loaderId"]
        self.browser.until_event(
            self.session,
            "Page.lifecycleEvent",
            lambda event: event["name"] == "load" and event["loaderId"] == loader,
        )

    def follow(self, action: str) -> None:
        """Do what leads to another page, and wait until that is loaded."""
        self.browser.events[self.session].clear()
        self.evaluate(action)
        self.browser.until_event(
            self.session, "Page.lifecycleEvent", lambda event: event["name"] == "load"
        )

    def evaluate(self, expression: str) -> Any:
        """The value of an expression in the page; promises are awaited."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise BrowserFailed(details.get("exception", {}).get("description", details["text"]))
        return answer["result"].get("value")

    def until(self, expression: str) -> None:
        """Wait until the expression holds."""
        said = json.dumps(f"never came true: {expression}")
        self.evaluate(_UNTIL % (WAIT_SECONDS * 1000, expression, said))

    def text(self, selector: str = "body") -> str:
        """What a reader sees of the first such element."""
        found: str = self.evaluate(f"document.querySelector({json.dumps(selector)}).innerText")
        return found

    def press(self, key: str) -> None:
        """One key, as on a keyboard: `Tab`, `Enter`."""
        codes = {"Tab": 9, "Enter": 13}
        text = "\r" if key == "Enter" else ""
        for kind in ("keyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key,
                windowsVirtualKeyCode=codes[key], text=text if kind == "keyDown" else "",
            )  # fmt: skip

    def picture(self, path: Path) -> None:
        """The whole page as a PNG file."""
        metrics = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": metrics["width"], "height": metrics["height"], "scale": 1}
        taken = self.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(taken["data"]))


def find_browser() -> str | None:
    """Where a Chromium is, if there is one."""
    return shutil.which("chromium") or shutil.which("google-chrome")


@contextmanager
def chromium(program: str, folder: Path) -> Iterator[Browser]:
    """A browser for the length of the block; `folder` holds its profile."""
    to_browser, ours_write = os.pipe()
    ours_read, from_browser = os.pipe()

    def as_three_and_four() -> None:
        # 3 and 4 are where the browser looks; either may be one of the pipes' own numbers.
        high_in, high_out = os.dup(to_browser), os.dup(from_browser)
        os.dup2(high_in, 3)
        os.dup2(high_out, 4)

    process = subprocess.Popen(
        [program, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
         "--no-first-run", "--disable-background-networking", f"--user-data-dir={folder}",
         "--force-color-profile=srgb", "--lang=en"],
        pass_fds=(3, 4), preexec_fn=as_three_and_four,  # noqa: PLW1509  # dup2 only: no lock, no allocation
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(to_browser)
    os.close(from_browser)
    browser = Browser(ours_write, ours_read)
    try:
        yield browser
    finally:
        process.terminate()
        process.wait(WAIT_SECONDS)
        os.close(ours_write)
        os.close(ours_read)
