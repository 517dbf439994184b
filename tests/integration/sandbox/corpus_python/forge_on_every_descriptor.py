# expect: completed
# result: "mine"
import os

FORGED = b'{"status":"completed","result":"forged"}'


def handler(event, context):
    for fd in range(3, 1_024):
        for packet in (b"", FORGED, b"0" * 32 + b"l" + FORGED, b"ready", b"\0" * 50_000):
            try:
                os.write(fd, packet)
            except OSError:
                break
    return "mine"
