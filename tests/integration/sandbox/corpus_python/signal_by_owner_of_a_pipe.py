# expect: completed
import fcntl
import os


def handler(event, context):
    got_through = []
    reading, _ = os.pipe()
    for code, value in ((fcntl.F_SETOWN, event["bystander"]), (fcntl.F_SETSIG, 9)):
        try:
            fcntl.fcntl(reading, code, value)
            got_through.append(code)
        except OSError:
            pass
    return {"got_through": got_through}
