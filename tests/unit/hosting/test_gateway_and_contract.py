"""What the gateway lets through the registered contract takes, and the other way round."""

from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from tieline.contracts.interaction import InteractionPayload
from tieline.contracts.validation import Schema
from tieline.emulator.app import create_app
from tieline.emulator.platform_actions.state import latest
from tieline.errors import InvalidInput
from tieline.hosting.gateway import Contract

GUIDE_ACTION = "0c9a4d8e-2d57-4a0c-8a42-6f0f3c7f5b10"


def registered_contract() -> dict[str, Any]:
    """The contract of guide 3's action as the emulator has it."""
    action = create_app().world.registered_actions.actions.find(GUIDE_ACTION)
    assert action is not None
    schema: dict[str, Any] = latest(action)["inputSchema"]
    return schema


REGISTERED = Schema(registered_contract())
BY_CONTRACT = Contract("1", None, REGISTERED)
BY_MODEL = Contract("1", InteractionPayload, None)

JUNK = st.none() | st.booleans() | st.integers(-3, 9) | st.text(max_size=4) | st.just([1])
CONTACTS = st.fixed_dictionaries(
    {
        "external_id": st.text(max_size=3) | JUNK,
        "channel": st.sampled_from(["chat", "voice", "email", "web", "fax"]) | JUNK,
        "timestamp": st.sampled_from(
            ["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.5+01:00", "2026-01-31", "noon",
             "2026-01-31T12:00:00", "2026-13-01T00:00:00Z"]
        ) | JUNK,
    },
    optional={"metadata": st.none() | st.dictionaries(st.text(max_size=3), JUNK), "other": JUNK},
)  # fmt: skip
PAYLOADS = st.fixed_dictionaries(
    {},
    optional={
        "contact": CONTACTS | JUNK,
        "priority": st.integers(-1, 7) | JUNK,
        "tags": st.lists(st.sampled_from("abcdefghijklm"), max_size=14) | JUNK,
        "callback_url": st.sampled_from(["http://a", "https://a/b", "ftp://a", ""]) | JUNK,
        "other": JUNK,
    },
)


def passed_on(contract: Contract, payload: dict[str, Any]) -> Any:
    try:
        return contract.read(payload, orjson.dumps(payload))
    except InvalidInput:
        return None


@settings(max_examples=500)
@given(PAYLOADS)
def test_what_a_gateway_passes_on_the_registered_contract_takes(payload: dict[str, Any]) -> None:
    for contract in (BY_CONTRACT, BY_MODEL):
        passed = passed_on(contract, payload)
        assert passed is None or REGISTERED.violations(passed) == ()


@settings(max_examples=500)
@given(PAYLOADS)
def test_what_the_registered_contract_takes_every_gateway_passes_on(
    payload: dict[str, Any],
) -> None:
    if REGISTERED.violations(payload) == ():
        assert passed_on(BY_CONTRACT, payload) == payload
        assert passed_on(BY_MODEL, payload) is not None


@settings(max_examples=300)
@given(PAYLOADS)
def test_model_and_registered_contract_refuse_the_same_payloads(payload: dict[str, Any]) -> None:
    assert (passed_on(BY_MODEL, payload) is None) == (passed_on(BY_CONTRACT, payload) is None)
