# expect: wall completed no_result exited
# wall: 0.5
import os


def handler(event, context):
    fds = []
    for fd in range(300, 900):
        try:
            os.fstat(fd)
            fds.append(fd)
        except OSError:
            pass
    while True:
        for fd in fds:
            os.write(fd, b"x" * 50_000)
