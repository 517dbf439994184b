import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.http.jwt import Claims, read_claims
from tieline.secret import Secret


def token(claims: object) -> Secret:
    middle = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return Secret(f"e30.{middle}.sig")


def test_expiry_and_scopes_are_read() -> None:
    assert read_claims(token({"exp": 5, "scope": "a b"})) == Claims(5.0, frozenset({"a", "b"}))
    assert read_claims(token({"exp": 5.5, "scp": ["a"]})) == Claims(5.5, frozenset({"a"}))


@pytest.mark.parametrize("claims", [{}, [], 1, {"exp": True}, {"exp": "5", "scope": 7}])
def test_claims_of_another_kind_are_none(claims: object) -> None:
    assert read_claims(token(claims)) == Claims()


@given(st.text())
def test_no_token_breaks_the_reading(text: str) -> None:
    read_claims(Secret(text))
    read_claims(Secret(f"a.{text}.b"))
