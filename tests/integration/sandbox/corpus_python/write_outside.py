# expect: completed
import os
import shutil


def handler(event, context):
    got_through = []
    attempts = {
        "file": lambda: open(event["outside"] + "/new", "w").write("x"),
        "append": lambda: open(event["canary"], "a").write("x"),
        "empty": lambda: os.truncate(event["canary"], 0),
        "open and empty": lambda: os.open(event["canary"], os.O_RDONLY | os.O_TRUNC),
        "folder": lambda: os.mkdir(event["outside"] + "/d"),
        "symlink": lambda: os.symlink("/", event["outside"] + "/l"),
        "unlink": lambda: os.unlink(event["canary"]),
        "pipe": lambda: os.mkfifo(event["outside"] + "/f"),
        "tmp": lambda: open("/tmp/tieline-left-behind", "w"),
        "shm": lambda: open("/dev/shm/tieline-left-behind", "w"),
        "move": lambda: os.rename(event["outside"], event["outside"] + "2"),
    }
    for name, attempt in attempts.items():
        try:
            attempt()
        except (OSError, ValueError):
            continue
        got_through.append(name)
    return {"got_through": got_through}
