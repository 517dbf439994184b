# expect: completed
import os


def handler(event, context):
    got_through = []
    attempts = {
        "own file": lambda: open(__file__, "a").write("x"),
        "beside": lambda: open(os.path.dirname(__file__) + "/beside.py", "w"),
        "cache": lambda: os.mkdir(os.path.dirname(__file__) + "/__pycache__"),
        "library": lambda: open(os.__file__, "a"),
        "working folder": lambda: open("here", "w"),
    }
    for name, attempt in attempts.items():
        try:
            attempt()
        except (OSError, ValueError):
            continue
        got_through.append(name)
    return {"got_through": got_through}
