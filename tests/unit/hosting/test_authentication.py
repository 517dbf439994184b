import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.hosting.authentication import Keys, refusal, signature
from tieline.secret import Secret

OLD, NEW = Secret("old-key"), Secret("new-key")
KEYS = Keys(api=(OLD, NEW), signing=(OLD, NEW))
NOW = 1_700_000_000.0


@pytest.mark.parametrize("key", [OLD, NEW])
def test_every_configured_key_lets_in_while_keys_are_rotated(key: Secret) -> None:
    assert refusal(KEYS, {"x-api-key": key.reveal()}, b"", now=NOW) is None
    assert refusal(KEYS, {"authorization": f"Bearer {key.reveal()}"}, b"", now=NOW) is None
    signed = {"x-tieline-signature": signature(key, b"body", now=NOW)}
    assert refusal(KEYS, signed, b"body", now=NOW + 299) is None


REFUSED = [
    ("nothing at all", {}, "missing"),
    ("another key", {"x-api-key": "guess"}, "wrong"),
    ("basic instead of bearer", {"authorization": "Basic b2xkLWtleQ=="}, "missing"),
    ("a body that was changed", {"x-tieline-signature": signature(OLD, b"other", now=NOW)},
     "wrong"),
    ("another signing key", {"x-tieline-signature": signature(Secret("k"), b"body", now=NOW)},
     "wrong"),
    ("too old", {"x-tieline-signature": signature(OLD, b"body", now=NOW - 301)}, "stale"),
    ("from the future", {"x-tieline-signature": signature(OLD, b"body", now=NOW + 301)}, "stale"),
    ("no digest", {"x-tieline-signature": "t=1"}, "malformed"),
    ("no time", {"x-tieline-signature": "v1=ab"}, "malformed"),
    ("digits that are not ASCII", {"x-tieline-signature": "t=\u0661,v1=ab"}, "malformed"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "why"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_everything_else_is_refused_with_the_reason(headers: dict[str, str], why: str) -> None:
    assert refusal(KEYS, headers, b"body", now=NOW) == why


@given(st.text())
def test_no_guess_of_a_key_or_a_signature_gets_in(guess: str) -> None:
    if guess in {OLD.reveal(), NEW.reveal()}:
        return
    assert refusal(KEYS, {"x-api-key": guess}, b"", now=NOW) in {"wrong", "missing"}
    assert refusal(KEYS, {"x-tieline-signature": guess}, b"", now=NOW) is not None
