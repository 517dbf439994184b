"""What travels between host, warden and worker.

Host and warden: a stream of frames, each with its length before it. Worker and warden: packets
(SOCK_SEQPACKET keeps their borders), each beginning with the run's nonce; a packet without it was
not written by the runner and is dropped. A socket cannot be reopened through /proc/self/fd.
"""

import json
import os
import socket
import struct
from typing import Any

_LENGTH = struct.Struct("!I")
# Below every kernel's default socket buffer, so that one packet is one write.
PACKET_BYTES = 60_000
NONCE_BYTES = 32

# What a worker sends once it is locked in and waits for its job.
READY = b"ready"
# The kinds of packet a worker sends: a piece of the result, its last piece, a failure as JSON.
PIECE, LAST, FAILURE = b"p", b"l", b"f"

JobDocument = dict[str, Any]


def frame(content: bytes) -> bytes:
    """The content with its length before it."""
    return _LENGTH.pack(len(content)) + content


def read_frame(stream: socket.socket) -> bytes | None:
    """Wait for one frame; None when the other side is gone."""
    head = _exactly(stream, _LENGTH.size)
    return None if head is None else _exactly(stream, _LENGTH.unpack(head)[0])


def take_frames(buffer: bytes | bytearray) -> list[bytes]:
    """The frames a stream holds; an unfinished last one is left out."""
    frames, at = list[bytes](), 0
    while at + _LENGTH.size <= len(buffer):
        (length,) = _LENGTH.unpack_from(buffer, at)
        at += _LENGTH.size
        if at + length > len(buffer):
            break
        frames.append(bytes(buffer[at : at + length]))
        at += length
    return frames


def send_job(channel: socket.socket, job: bytes) -> None:
    """Give the worker its job: a packet with the length, then the pieces."""
    channel.send(_LENGTH.pack(len(job)))
    for start in range(0, len(job), PACKET_BYTES):
        channel.send(job[start : start + PACKET_BYTES])


def receive_job(fd: int) -> tuple[bytes, JobDocument] | None:
    """Say that we are ready, wait for the nonce and the job; None when there will be none."""
    os.write(fd, READY)
    head = os.read(fd, _LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    pieces, missing = [], length
    while missing:
        piece = os.read(fd, PACKET_BYTES)
        if not piece:
            return None
        pieces.append(piece)
        missing -= len(piece)
    content = b"".join(pieces)
    return content[:NONCE_BYTES], json.loads(content[NONCE_BYTES:])


def _exactly(stream: socket.socket, length: int) -> bytes | None:
    pieces, missing = [], length
    while missing:
        piece = stream.recv(min(missing, 1 << 20))
        if not piece:
            return None
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)
