"""The pytest plugin as a stranger's test suite uses it."""

import pytest

pytest_plugins = ["pytester"]

SUITE = """
import pytest

import tieline

LOOKUP = "custom_-_7c1d8a52-3b0e-4f6e-9a53-1d2f5b8c9e01"
FLOW = "3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11"


@pytest.mark.parametrize("tieline_api", ["platform", "guide"])
def test_a_blocking_client_invokes(tieline_client, tieline_emulator):
    outcome = tieline_client.actions.invoke(LOOKUP, {"customerId": "10024"}, timeout=30)

    assert outcome.status == "completed"
    assert outcome.result["tier"] == "gold"
    assert len(tieline_emulator.entries()) >= 2


def test_each_test_has_an_emulator_of_its_own(tieline_emulator):
    assert tieline_emulator.entries() == []


def test_a_lost_answer_is_uncertain_and_sent_once(tieline_client, tieline_emulator):
    tieline_emulator.add_fault({
        "match": {"method": "POST", "path": "/api/v2/flows/executions"},
        "do": {"kind": "drop_after_commit"},
    })

    with pytest.raises(tieline.OutcomeUnknown):
        tieline_client.flows.launch(FLOW)

    assert len(tieline_emulator.entries("flows.launch")) == 1


@pytest.mark.tieline_fixture("mine.yaml")
def test_a_fixture_file_is_laid_over_the_default(tieline_emulator):
    assert tieline_emulator.world.people.users.find("u1")["name"] == "Una"
    assert tieline_emulator.world.flows.flows.find(FLOW)


async def test_an_asynchronous_client_invokes(tieline_async_client):
    outcome = await tieline_async_client.actions.invoke(LOOKUP, {"customerId": "10025"})

    assert outcome.result["tier"] == "silver"
"""


def test_a_suite_gets_emulators_and_clients_from_the_plugin(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nanyio_mode = auto\naddopts = --strict-markers\n")
    pytester.makefile(".yaml", mine="users:\n  - {id: u1, name: Una}\n")
    pytester.makepyfile(SUITE)
    pytester.makeconftest(
        "import pytest\n@pytest.fixture\ndef anyio_backend():\n    return 'asyncio'\n"
    )

    result = pytester.runpytest_subprocess("-q", "-W", "error")

    result.assert_outcomes(passed=6)


def test_a_marker_without_a_path_fails_with_a_sentence(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "import pytest\n@pytest.mark.tieline_fixture\ndef test_it(tieline_emulator): pass\n"
    )

    result = pytester.runpytest_subprocess("-q")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*takes one path*"])


def test_a_suite_that_uses_no_fixture_imports_nothing_of_tieline(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        "import sys\n"
        "def test_it():\n"
        "    loaded = sorted(m for m in sys.modules if m.startswith('tieline.'))\n"
        "    assert loaded in ([], ['tieline._version', 'tieline.pytest_plugin'])\n"
    )

    result = pytester.runpytest_subprocess("-q")

    result.assert_outcomes(passed=1)
