import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.audit.checkpoint import (
    Checkpoint,
    NoteSigner,
    VerifierKey,
    parse_checkpoint,
    parse_note,
)
from tieline.errors import InvalidInput

SIGNER = NoteSigner("tieline.audit/abc", b"s" * 32)
POINT = Checkpoint("tieline.audit/abc", 7, b"r" * 32)
NOTE = SIGNER.sign(POINT.text)

# The example of the reference implementation, golang.org/x/mod/sumdb/note.
EXAMPLE_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
EXAMPLE_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngot"
    "pRZb6KE6RyyBwJnAM=\n"
)


def test_the_example_of_the_reference_implementation_verifies() -> None:
    key = VerifierKey.parse(EXAMPLE_KEY)

    assert str(key) == EXAMPLE_KEY
    assert parse_note(EXAMPLE_NOTE).signed_by([key]) == key


def test_a_checkpoint_survives_being_written_and_read() -> None:
    note = parse_note(NOTE)

    assert parse_checkpoint(note.text) == POINT
    assert note.signed_by([VerifierKey.parse(str(SIGNER.verifier))]) == SIGNER.verifier


def test_several_keys_may_sign_one_note() -> None:
    second = NoteSigner("witness.example", b"w" * 32)
    note = parse_note(NOTE + second.sign(POINT.text).rpartition("\n\n")[2])

    assert note.signed_by([second.verifier]) == second.verifier
    assert note.signed_by([NoteSigner("witness.example", b"x" * 32).verifier]) is None


@given(st.integers(0, len(NOTE.encode()) - 1), st.integers(1, 255))
def test_no_changed_byte_leaves_a_valid_checkpoint(place: int, flip: int) -> None:
    content = bytearray(NOTE.encode())
    content[place] ^= flip

    try:
        note = parse_note(content.decode())
        signed = note.signed_by([SIGNER.verifier])
    except (InvalidInput, UnicodeDecodeError):
        return
    assert signed is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n",
        "origin\n1\n",
        "origin\n-1\n" + base64.b64encode(b"r" * 32).decode() + "\n",
        "origin\n01\n" + base64.b64encode(b"r" * 32).decode() + "\n",
        "origin\n1\n" + base64.b64encode(b"r" * 31).decode() + "\n",
        "\n1\n" + base64.b64encode(b"r" * 32).decode() + "\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="not a checkpoint"):
        parse_checkpoint(text)


@pytest.mark.parametrize("note", ["", "text\n", "text\n\n", "text\n\n- name abc\n", NOTE[:-1]])
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(InvalidInput, match="not a signed note"):
        parse_note(note)


@pytest.mark.parametrize(
    "vkey", ["", "name", "name+00000000+AAAA", EXAMPLE_KEY.replace("c74f", "c74e")]
)
def test_what_is_no_verifier_key_is_refused(vkey: str) -> None:
    with pytest.raises(InvalidInput, match="verifier key"):
        VerifierKey.parse(vkey)
