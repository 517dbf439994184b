# expect: completed
import os


def handler(event, context):
    got_through = []
    attempts = {
        "fd 1": lambda: open("/proc/self/fd/1", "wb").write(b"x"),
        "fd 2": lambda: open("/proc/self/fd/2", "wb").write(b"x"),
        "fd 3": lambda: open("/proc/self/fd/3", "wb").write(b"x"),
        "all": lambda: os.listdir("/proc/self/fd"),
        "dev": lambda: os.listdir("/dev/fd"),
    }
    for name, attempt in attempts.items():
        try:
            attempt()
        except (OSError, ValueError):
            continue
        got_through.append(name)
    return {"got_through": got_through}
