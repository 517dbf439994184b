# expect: completed
import os
import subprocess

MARK = "tieline-corpus-child"


def handler(event, context):
    got_through = []
    attempts = {
        "fork": lambda: os.fork() or os._exit(0),
        "subprocess": lambda: subprocess.run(["/bin/sh", "-c", "exit 0", MARK]),
        "spawn": lambda: os.posix_spawn("/bin/sleep", ["sleep", "99"], {}),
        "system": lambda: os.system("sleep 99") and None or (_ for _ in ()).throw(OSError()),
        "exec": lambda: os.execv("/bin/true", ["true", MARK]),
        "pty": lambda: os.forkpty(),
    }
    for name, attempt in attempts.items():
        try:
            attempt()
        except (OSError, ValueError):
            continue
        got_through.append(name)
    return {"got_through": got_through}
