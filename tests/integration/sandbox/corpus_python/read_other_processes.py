# expect: completed
import os


def handler(event, context):
    got_through = []
    attempts = {
        "environ of the host": lambda: open(f"/proc/{event['host']}/environ").read(),
        "memory of the host": lambda: open(f"/proc/{event['host']}/mem", "rb").read(1),
        "command line of the parent": lambda: open(f"/proc/{os.getppid()}/cmdline").read(),
        "own maps": lambda: open("/proc/self/maps").read(),
        "table": lambda: os.listdir("/proc"),
    }
    for name, attempt in attempts.items():
        try:
            attempt()
        except (OSError, ValueError):
            continue
        got_through.append(name)
    return {"got_through": got_through}
