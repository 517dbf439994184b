"""Runs as a user makes them: what comes back, what leaks, what is left."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import anyio
import pytest

from tieline.clock import JumpingClock
from tieline.errors import InvalidInput, LimitExceeded
from tieline.sandbox import Limits, Sandbox, available_tiers, run_handler
from tieline.sandbox.jail import proc
from tieline.sandbox.limits import TIERS, Tier
from tieline.sandbox.simulate import CodeDefinition, SimulatedCustomCode

PYTHON = "def handler(event, context):\n    print('seen')\n    return {'event': event}\n"
NODE = "exports.handler = async (event) => { console.log('seen'); return { event }; };\n"
MODULE = "export const handler = async (event) => { console.log('seen'); return { event }; };\n"
CALLBACK = (
    "exports.handler = (event, context, done) => { console.log('seen'); done(null, { event }); };\n"
)
FILES = {"handler.py": PYTHON, "index.js": NODE, "src/index.mjs": MODULE, "old.cjs": CALLBACK}

TIERS_HERE = [state.tier for state in available_tiers() if state.available]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(ready=0) as held:
        yield held


def code(folder: Path, name: str, content: str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    return file


@pytest.mark.parametrize("tier", TIERS_HERE)
@pytest.mark.parametrize("name", FILES)
async def test_every_kind_of_handler_runs_in_every_tier(
    sandbox: Sandbox, tmp_path: Path, name: str, tier: Tier
) -> None:
    file = code(tmp_path, name, FILES[name])

    ended = await sandbox.run(file, {"a": [1, None, "é\ud800"[:1]]}, tier=tier)

    assert ended.to_json() | {"duration_ms": 0, "usage": {}} == {
        "status": "completed",
        "reason": None,
        "result": {"event": {"a": [1, None, "é"]}},
        "error": None,
        "logs": [{"stream": "stdout", "text": "seen\n"}],
        "tier": tier,
        "duration_ms": 0,
        "usage": {},
    }
    assert ended.usage.cpu_ms > 0
    assert ended.usage.max_rss_mb > 1


def test_continuous_integration_proves_every_tier() -> None:
    assert list(TIERS) == TIERS_HERE or "CI" not in os.environ


async def test_a_required_tier_that_a_chosen_one_does_not_reach_runs_nothing(
    tmp_path: Path,
) -> None:
    file = code(tmp_path, "handler.py", "open('ran', 'w')\ndef handler(event): pass\n")

    ended = await run_handler(file, {}, tier="process", require_tier="confined")

    assert (ended.status, ended.reason, ended.tier) == ("failed", "tier_unavailable", None)
    assert not (tmp_path / "ran").exists()


POISON = """
import asyncio, builtins, json, os, random, re, sys, tempfile
seen = [hasattr(sys, "left"), os.environ.get("LEFT"), json.loads.__name__, len(sys.path)]
seen += [getattr(re, "left", 0), os.listdir(tempfile.gettempdir())]
def handler(event, context):
    sys.left = re.left = True
    os.environ["LEFT"] = "x"
    sys.path.append("/left")
    def poisoned(*a, **k): raise SystemExit
    json.loads = builtins.open = builtins.__import__ = asyncio.run = tempfile.mkdtemp = poisoned
    os.mkdir(os.path.join(tempfile.tempdir, "left"))
    sys.modules.clear()
    return [seen, random.random()]
"""


async def test_what_one_call_poisons_the_next_does_not_see(tmp_path: Path) -> None:
    file = code(tmp_path, "handler.py", POISON)

    with Sandbox(ready=1) as held:
        first, second = [(await held.run(file, {})).result for _ in range(2)]

    assert first[0] == second[0]
    assert first[0][:3] == [False, None, "loads"]
    assert first[1] != second[1]


TRACES = {
    "handler.py": "import os, sys\n"
    "def handler(event):\n"
    "    return [m for m in sys.modules if 'rehears' in m] + sys.argv[1:] + list(os.environ)\n",
    "index.js": "exports.handler = async () => [...Object.keys(require.cache),\n"
    "  ...process.argv.slice(2), ...Object.keys(process.env)].filter((it) => it !== __filename\n"
    "  && !it.endsWith('runner.cjs'));\n",
}


@pytest.mark.parametrize("name", TRACES)
async def test_a_handler_finds_nothing_of_the_rehearsal_before_it(
    sandbox: Sandbox, tmp_path: Path, name: str
) -> None:
    ended = await sandbox.run(code(tmp_path, name, TRACES[name]), {})

    assert (ended.status, ended.result) == ("completed", [])


async def test_a_result_of_exactly_the_limit_passes_and_one_byte_more_does_not(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    file = code(tmp_path, "handler.py", "def handler(event): return 'x' * event\n")

    passes = await sandbox.run(file, 749_998)
    fails = await sandbox.run(file, 749_999)

    assert len(passes.result) == 749_998
    assert fails.reason == "result_too_large"


async def test_an_event_that_is_too_large_or_no_json_is_refused(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    file = code(tmp_path, "handler.py", PYTHON)

    with pytest.raises(LimitExceeded):
        await sandbox.run(file, "x" * 750_000)
    with pytest.raises(InvalidInput):
        await sandbox.run(file, {"when": object()})


async def test_a_rejected_package_is_named_with_file_and_line(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    code(tmp_path, "helper.py", "import json\n\nimport socket\n")
    python = code(tmp_path, "handler.py", "import helper\ndef handler(event): pass\n")
    node = code(tmp_path, "index.js", "\nrequire('node:net');\nexports.handler = () => 1;\n")

    for file, root, package, place in (
        (python, tmp_path, "socket", ("helper.py", 3)),
        (node, node, "net", ("index.js", 2)),
    ):
        ended = await sandbox.run(
            root, {}, handler=f"{file.name}:handler", allowed_packages=["json"]
        )
        error = ended.error or {}
        assert ended.reason == "package_rejected"
        assert (error["package"], (error["file"], error["line"])) == (package, place)


async def test_the_context_is_filled_as_the_platform_does(sandbox: Sandbox, tmp_path: Path) -> None:
    file = code(tmp_path, "index.js", "exports.handler = async (e, c) => c.clientContext;\n")

    ended = await sandbox.run(file, {}, client_context={"X-Action-Header": "1"})

    assert ended.result["X-Action-Header"] == "1"
    assert ended.result["ININ-Correlation-Id"]


async def test_a_cancelled_run_leaves_nothing(tmp_path: Path) -> None:
    file = code(tmp_path, "handler.py", "def handler(event):\n    while True: pass\n")
    before = proc.descendants(os.getpid())
    with Sandbox(ready=0) as held:
        with anyio.move_on_after(0.2) as scope:
            await held.run(file, {})

        assert scope.cancelled_caught
    assert set(proc.descendants(os.getpid())) <= set(before)


HOST = """
import anyio, sys
from tieline.sandbox import run_handler
anyio.run(run_handler, sys.argv[1], {})
"""


def processes_in(folder: Path) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and (entry / "cwd").readlink() == folder:
                found.append(entry.name)
    return found


async def test_a_host_that_is_killed_takes_its_handlers_with_it(tmp_path: Path) -> None:
    file = code(tmp_path, "handler.py", "import time\ndef handler(event): time.sleep(60)\n")
    command = [sys.executable, "-c", HOST, str(file)]
    async with await anyio.open_process(command) as host:
        await until(lambda: bool(processes_in(tmp_path)))
        host.kill()

    await until(lambda: not processes_in(tmp_path))


async def until(holds: Callable[[], bool]) -> None:
    with anyio.fail_after(20):
        while not holds():  # noqa: ASYNC110  # the process table announces nothing
            await anyio.sleep(0.01)


async def test_runs_side_by_side_do_not_mix(tmp_path: Path) -> None:
    file = code(tmp_path, "handler.py", "def handler(event): print(event); return event\n")
    results: dict[int, tuple[object, str]] = {}

    async def one(number: int) -> None:
        ended = await held.run(file, number)
        results[number] = (ended.result, ended.logs[0].text)

    with Sandbox(ready=2) as held:
        async with anyio.create_task_group() as group:
            for number in range(12):
                group.start_soon(one, number)

    assert results == {number: (number, f"{number}\n") for number in range(12)}


async def test_many_calls_leave_no_process_no_descriptor_and_no_folder(tmp_path: Path) -> None:
    file = code(tmp_path, "handler.py", PYTHON)
    before = proc.descendants(os.getpid())
    with Sandbox(ready=1) as held:
        await held.run(file, {})
        descriptors = len(os.listdir("/proc/self/fd"))  # noqa: PTH208  # a count is all
        for _ in range(100):
            assert (await held.run(file, {})).status == "completed"

        assert len(os.listdir("/proc/self/fd")) == descriptors  # noqa: PTH208  # a count is all
    assert set(proc.descendants(os.getpid())) <= set(before)


async def test_simulated_code_can_be_isolated(sandbox: Sandbox, tmp_path: Path) -> None:
    file = code(tmp_path, "enrich.py", "def enrich(customer):\n    return customer.upper()\n")
    clock = JumpingClock()
    simulated = SimulatedCustomCode(clock)
    definition = CodeDefinition(id="enrich", inputs={"customer": {"type": "string"}}, timeout_s=5)
    simulated.register_isolated(definition, file, sandbox=sandbox)

    posted = await simulated.post("enrich", {"customer": "a"})
    clock.advance(60)

    assert await simulated.get(posted["id"]) == {
        "id": posted["id"],
        "status": "completed",
        "result": "A",
        "error": None,
    }


async def test_logs_beyond_the_limit_are_cut_and_end_the_run(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    file = code(tmp_path, "handler.py", "def handler(event):\n    while True: print('x' * 99)\n")

    ended = await sandbox.run(file, {}, limits=Limits(log_bytes=1_000))

    assert ended.reason == "output_limit"
    assert sum(len(line.text) for line in ended.logs) == 1_000
