import json
from collections import OrderedDict
from types import MappingProxyType
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from tieline.audit.declared import declared_personal
from tieline.audit.masking import Masker

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
    ("a card number with dashes", "card-4111-1111-1111-1111 used", "1111-1111"),
    ("a card number with dots", "4111.1111.1111.1111", "1111"),
    ("a card number of 15 digits", "3782 822463 10005", "822463"),
    ("a card number and its expiry", "4111111111111111-0427", "41111111"),
    ("a card number between other letters", "カード4111111111111111です", "41111111"),
    (
        "a card number in full width",
        "\uff14" + "\uff11" * 15,
        "\uff11" * 3,
    ),
    ("a card number with hard spaces", "4111\u00a01111\u00a01111\u00a01111", "1111"),
    ("an address in a URL", "https://x.org/?contact=ann.lee%40example.org", "ann.lee"),
    ("an address in other letters", "jörg.müller@bücher.example", "müller"),
    ("an address with another at", "ann.lee\uff20example.org", "ann.lee"),
    ("a number with its trunk zero", "+44 (0)20 7946 0958", "7946"),
    ("a number dialled abroad", "0044 20 7946 0958", "7946"),
    ("a British number", "020 7946 0958 or 07700 900123", "900123"),
    ("a French number", "appeler le 01 23 45 67 89", "45 67"),
    ("a German number", "030/1234567", "1234567"),
    ("an American number with dots", "+1.555.123.4567", "4567"),
    ("a token in a query", "https://x.org/cb?access_token=abc123&state=1", "abc123"),
    ("a signed URL", "https://b.example/k?X-Amz-Signature=deadbeef01&x=1", "deadbeef01"),
    ("a name in a query", "https://x.org/?ssn=078051120", "078051120"),
    ("a user with a colon and an at", "https://bob:p@ss@host.example/x", "p@ss"),
    ("a user that is a token", "https://ghtoken123@github.example/x", "ghtoken123"),
    ("a cookie", "Cookie: sid=abc; other=definite", "definite"),
    ("another scheme", "Authorization: Token abc123def", "abc123"),
    ("a private key", "-----BEGIN PRIVATE KEY-----\nMIIEabc\n-----END PRIVATE KEY-----", "MIIE"),
    ("an encrypted JWT", "eyJhbGciOiJkaXIifQ..aXZpdml2.Y2lwaGVy.dGFn", "Y2lwaGVy"),
    ("a cloud access key", "AKIAIOSFODNN7EXAMPLE", "IOSFODNN"),
    ("a quoted password with spaces", 'password="my secret pass"', "secret pass"),
    ("JSON after other words", 'POST failed: {"lastName": "Lee", "x": 1}', "Lee"),
    ("JSON in a string of JSON", '{"a": "{\\"ssn\\": \\"078-05-1120\\"}"}', "078-05"),
    ("JSON as code shows it", r"body {\"client_secret\": \"s3cr3t\", \"a\": 1}", "s3cr3t"),
    ("Python's own spelling", "{'password': 'hunter22 is long'}", "hunter22"),
    ("a number in JSON", 'got "cvv": 123, and', "123"),
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
    "execution 41111111-1111-4111-8111-111111111111 ended",
    "run custom_-_7C1D8A52-3B0E-4F6E-9A53-1D2F5B8C9E01 again",
    "run_20261128-Callback_Triage-3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11",
    "6241ce5653df9c40:12",
    "evt_0123456789abcdef0123456789abcdef",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "20260131120000123",
    "01-02-2026 12:00, 2026-11-28 to 2026-12-01",
    "28/Nov/2026:16:25:50 +0000",
    "custom_customer_lookup@1.0.0",
    "Basic authentication required; Bearer authentication failed",
    "invalid token: signature has expired",
    "Technical_Support_Escalation_Rule_For_VIP_Customers_2",
    "https://api.mypurecloud.com/api/v2/flows?pageSize=25&pageNumber=1",
    "POST /api/v2/flows/executions 202, 3 tries, status=completed",
    "limit 300 per 60 s; took 4123.456789012345 ms",
    "between 100 200 300 and 0 1 2 3 4 5 6 7 8 9",
    '{"queueId":"5b8e1c9d-7a2f-4d3b-8e6c-0f9a1b2c3d03","priority":10}',
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
    "name",
    ["email", "E-Mail", "customerEmail", "phone_number", "SSN", "lastName", "callerId", "Flow.ssn",
     "Flow.ani", "customerSSN", "customer[dob]", "email2",
     "phone_1", "\uff45\uff4d\uff41\uff49\uff4c"],
)  # fmt: skip
def test_a_personal_name_masks_whatever_is_under_it(name: str) -> None:
    for value in ("short", 12, ["a"], {"b": 1}):
        assert MASKER.mask({name: value})[name].startswith("[personal:")
    assert MASKER.mask({name: None, "flow": True}) == {name: None, "flow": True}


@pytest.mark.parametrize(
    "name",
    ["password", "client_secret", "Authorization", "X-API-Key", "accessToken", "access_token",
     "Flow.pin", "headers.Cookie", "apiToken", "secretAccessKey", "x-amz-security-token", "pwd1"],
)  # fmt: skip
def test_a_credential_is_removed_not_pseudonymised(name: str) -> None:
    assert MASKER.mask({name: "abc"}) == {name: "***"}


@pytest.mark.parametrize(
    "name",
    ["nextPageToken", "queueId", "execution_id", "ip_address", "maxTokens", "token_type", "name",
     "sessionId", "japan", "spin", "signatureRequired", "flowName", "Flow.customerId"],
)  # fmt: skip
def test_a_name_that_only_looks_alike_keeps_its_value(name: str) -> None:
    assert MASKER.mask({name: "value 1"}) == {name: "value 1"}


def test_a_kind_of_string_or_mapping_of_its_own_is_masked_like_any_other() -> None:
    class Word(str):
        __slots__ = ()

    value = MappingProxyType({"note": Word("ann.lee@example.org"), "password": Word("x")})

    assert "ann" not in json.dumps(MASKER.mask(OrderedDict(value)))
    assert MASKER.mask(value)["password"] == "***"


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
# Text that is nearly of a sensitive shape, so that patterns meet and overlap.
PIECES = st.sampled_from(
    ["password", "token", ": ", "=", "Bearer ", "***", "[email:0123456789ab]", '"', "\\", "'", "&",
     "ann@x.org", "4111111111111111", "+442079460958", "eyJa.b.c", "://", "@", "{", "}", "Cookie",
     "0301234567", " ", "\n", "-", "x", "12"]
)  # fmt: skip


@given(JSON)
def test_masking_what_is_masked_changes_nothing(value: object) -> None:
    masked = MASKER.mask(value)

    assert MASKER.mask(masked) == masked


@given(st.lists(PIECES, max_size=12).map("".join))
def test_masking_nearly_sensitive_text_twice_is_masking_it_once(text: str) -> None:
    masked = MASKER.scrub(text)

    assert MASKER.scrub(masked) == masked


# Texts on which a pattern that looks again from every place would take minutes.
HOSTILE = [
    "a", "=", "@", "a@", "x@a.", "4 ", '"', "\\", '\\"', "a-", "+1", "01 ", "[", "cookie:",
    "token:", "://", '"password":', "eyJaaaa.", "a=b&", "-----BEGIN PRIVATE KEY-----",
]  # fmt: skip


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", HOSTILE)
def test_a_long_text_made_to_be_slow_is_masked_in_its_length(piece: str) -> None:
    text = piece * (200_000 // len(piece))

    assert len(MASKER.scrub(f"{text} ann.lee@example.org")) > 0
    assert "ann.lee" not in MASKER.scrub(f"{text} ann.lee@example.org")


@given(st.uuids(), st.sampled_from(["{}", "execution {} failed", "/api/v2/flows/{}/x", "a {},{}"]))
def test_an_identifier_stays_readable_wherever_it_stands(name: UUID, around: str) -> None:
    text = around.format(name, name)

    assert MASKER.scrub(text) == text


@given(
    st.text(alphabet="abc .,;:()", max_size=20),
    st.sampled_from(["ann.lee@example.org", "4111111111111111", "+442079460958"]),
    st.text(alphabet="abc .,;:()", max_size=20),
)
def test_it_is_found_between_other_words(before: str, secret: str, after: str) -> None:
    assert secret not in MASKER.scrub(f"{before} {secret} {after}")
    assert secret not in json.dumps(MASKER.mask({"a": [{"b": f"{before} {secret} {after}"}]}))
