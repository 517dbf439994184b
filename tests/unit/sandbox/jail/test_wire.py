import os
import socket

from hypothesis import given
from hypothesis import strategies as st

from tieline.sandbox.jail import wire


@given(st.lists(st.binary(max_size=50)), st.integers(0, 10))
def test_frames_come_back_and_an_unfinished_one_is_left_out(parts: list[bytes], cut: int) -> None:
    stream = b"".join(wire.frame(part) for part in parts)

    assert wire.take_frames(stream) == parts
    if cut and parts:
        assert wire.take_frames(stream[:-cut]) == parts[: len(wire.take_frames(stream[:-cut]))]


def test_a_job_larger_than_a_packet_arrives_whole_after_the_worker_said_it_is_ready() -> None:
    ours, workers = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    nonce, event = b"n" * wire.NONCE_BYTES, "x" * 150_000
    with ours, workers:
        wire.send_job(ours, nonce + b'{"event":"' + event.encode() + b'"}')

        received = wire.receive_job(workers.fileno())

        assert received == (nonce, {"event": event})
        assert ours.recv(100) == wire.READY


def test_a_job_that_never_comes_is_none() -> None:
    ours, workers = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.shutdown(socket.SHUT_WR)
    with ours, workers:
        assert wire.receive_job(workers.fileno()) is None


def test_a_reader_of_frames_sees_the_other_side_leave() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        theirs.sendall(wire.frame(b"first") + b"\0\0")
        theirs.close()

        assert wire.read_frame(ours) == b"first"
        assert wire.read_frame(ours) is None


def test_the_nonce_is_as_long_as_the_warden_makes_it() -> None:
    assert len(os.urandom(wire.NONCE_BYTES // 2).hex()) == wire.NONCE_BYTES
