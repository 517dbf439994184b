import hmac

from hypothesis import given
from hypothesis import strategies as st

from tieline.audit.keyed import Keyed


@given(st.binary(max_size=200), st.binary(max_size=300))
def test_it_is_the_standard_librarys_hmac(key: bytes, content: bytes) -> None:
    keyed = Keyed(key)

    assert keyed.hex(content) == hmac.digest(key, content, "sha256").hex()
    assert keyed.hex(content) == keyed.hex(content)
