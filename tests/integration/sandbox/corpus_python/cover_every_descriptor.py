# expect: no_result exited
import os


def handler(event, context):
    null = os.open("/dev/null", os.O_RDWR)
    for fd in range(300, 900):
        try:
            os.fstat(fd)
        except OSError:
            continue
        os.close(fd)
    os.dup2(null, 1)
    os.dup2(null, 2)
    return "mine"
