# expect: completed
import os
import tempfile

HERE = tempfile.gettempdir() + "/"


def handler(event, context):
    got_through = []
    attempts = {
        "symlink": lambda: [os.symlink(event["canary"], HERE + "a"), open(HERE + "a").read()],
        "hard link": lambda: [os.link(event["canary"], HERE + "b"), open(HERE + "b").read()],
        "rename": lambda: os.rename(event["canary"], HERE + "c"),
        "dots": lambda: open(HERE + "../" * 9 + event["canary"]).read(),
    }
    for name, attempt in attempts.items():
        try:
            attempt()
        except (OSError, ValueError):
            continue
        got_through.append(name)
    return {"got_through": got_through}
