# expect: completed
import os
import pathlib


def handler(event, context):
    got_through = []
    attempts = {
        "canary": lambda: open(event["canary"]).read(),
        "passwd": lambda: open("/etc/passwd").read(),
        "shadow": lambda: open("/etc/shadow").read(),
        "home": lambda: os.listdir(os.path.expanduser("~root")),
        "root": lambda: os.listdir("/"),
        "outside": lambda: os.listdir(event["outside"]),
        "tmp": lambda: os.listdir("/tmp"),
        "disk": lambda: open("/dev/vda", "rb").read(1),
        "kmsg": lambda: open("/dev/kmsg").read(1),
    }
    for name, attempt in attempts.items():
        try:
            attempt()
        except (OSError, ValueError):
            continue
        got_through.append(name)
    return {"got_through": got_through}
