import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from tieline.audit.masking import Masker, declared_personal

MASKER = Masker(b"k" * 32)

SENSITIVE = [
    ("a card number", "pay with 4111 1111 1111 1111 please", "4111"),
    ("a card number in one piece", "5500005555555559", "5500005555555559"),
    ("an e-mail address", "write to Ann.Lee+x@mail.example.org.", "Lee"),
    ("an international number", "call +44 20 7946 0958", "7946"),
    ("a national number", "call (555) 123-4567", "123-4567"),
    ("a JWT", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_DEF", "eyJzdWIi"),
    ("a bearer token", "Authorization: Bearer abcdef123456", "abcdef123456"),
    ("a password in a text", "retry with password=hunter22 now", "hunter22"),
    ("a password in JSON text", '{"client_secret": "s3cr3t-value"}', "s3cr3t-value"),
    ("credentials in a URL", "https://bob:hunter22@example.org/x", "hunter22"),
    ("a platform token", "token " + "aB3" * 20, "aB3aB3"),
    ("a key of a payment service", "sk_live_abcdefgh1234", "abcdefgh1234"),
    ("a signing secret", "whsec_MfKQ9r8GKYqrTwjU", "MfKQ9r8"),
]

HARMLESS = [
    "3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11",
    "custom_-_7c1d8a52-3b0e-4f6e-9a53-1d2f5b8c9e01",
    "2026-01-31T12:00:00.123Z",
    "2026-01-31 12:00:00",
    "1700000000000",
    "10024",
    "order 4111111111111112 is no card number",
    "0000 0000 0000 0000",
    "Technical Support Escalation Rule",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "v1.2.3, 192.168.10.20:8089, 3.141592653589793",
]


@pytest.mark.parametrize(("what", "text", "secret"), SENSITIVE)
def test_it_is_gone_from_text_and_from_json(what: str, text: str, secret: str) -> None:
    assert secret not in MASKER.scrub(text), what
    assert secret not in json.dumps(MASKER.mask({"note": [text], text: 1})), what


@pytest.mark.parametrize(("what", "text", "secret"), SENSITIVE)
def test_what_was_scrubbed_is_not_scrubbed_again(what: str, text: str, secret: str) -> None:
    assert secret
    assert MASKER.scrub(MASKER.scrub(text)) == MASKER.scrub(text), what


@pytest.mark.parametrize("text", HARMLESS)
def test_what_people_need_to_read_stays(text: str) -> None:
    assert MASKER.scrub(text) == text


@pytest.mark.parametrize(
    "name", ["email", "E-Mail", "customerEmail", "phone_number", "SSN", "lastName", "callerId"]
)
def test_a_personal_name_masks_whatever_is_under_it(name: str) -> None:
    for value in ("short", 12, ["a"], {"b": 1}):
        assert MASKER.mask({name: value})[name].startswith("[personal:")
    assert MASKER.mask({name: None, "flow": True}) == {name: None, "flow": True}


@pytest.mark.parametrize("name", ["password", "client_secret", "Authorization", "X-API-Key"])
def test_a_credential_is_removed_not_pseudonymised(name: str) -> None:
    assert MASKER.mask({name: "abc"}) == {name: "***"}


def test_names_are_extended_and_trimmed_in_any_spelling() -> None:
    masker = Masker(b"k", personal=["loyalty-no"], plain=["ANI"])

    assert masker.mask({"ani": "7", "loyaltyNo": "8"})["ani"] == "7"
    assert masker.mask({"loyaltyNo": "8"})["loyaltyNo"].startswith("[personal:")


def test_equal_values_join_and_another_key_breaks_the_join() -> None:
    spaced, plain = MASKER.scrub("4111 1111 1111 1111"), MASKER.scrub("4111-1111-1111-1111")

    assert spaced == plain == MASKER.mask(4111111111111111)
    assert MASKER.scrub("Ann@Example.org") == MASKER.scrub("ann@example.org")
    assert Masker(b"other").scrub("ann@example.org") != MASKER.scrub("ann@example.org")


def test_declared_fields_of_a_model_are_masked_wherever_they_sit() -> None:
    class Contact(BaseModel):
        handle: str = Field(json_schema_extra={"pii": True})
        kind: str = "x"

    class Order(BaseModel):
        contacts: list[Contact] = []
        owner: Contact | None = None
        by_name: dict[str, Contact] = {}

    one = {"handle": "zoe", "kind": "x"}
    masked = MASKER.mask(
        {"contacts": [one], "owner": one, "by_name": {"a": one}},
        declared=declared_personal(Order.model_json_schema()),
    )

    assert "zoe" not in json.dumps(masked)
    assert masked["owner"]["kind"] == "x"


def test_a_model_that_contains_itself_is_followed_once() -> None:
    class Node(BaseModel):
        name: str = Field(json_schema_extra={"pii": True})
        child: "Node | None" = None

    assert declared_personal(Node.model_json_schema())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_masking_what_is_masked_changes_nothing(value: object) -> None:
    masked = MASKER.mask(value)

    assert MASKER.mask(masked) == masked


@given(
    st.text(alphabet="abc .,;:()", max_size=20),
    st.sampled_from(["ann.lee@example.org", "4111111111111111", "+442079460958"]),
    st.text(alphabet="abc .,;:()", max_size=20),
)
def test_it_is_found_between_other_words(before: str, secret: str, after: str) -> None:
    assert secret not in MASKER.scrub(f"{before} {secret} {after}")
    assert secret not in json.dumps(MASKER.mask({"a": [{"b": f"{before} {secret} {after}"}]}))
