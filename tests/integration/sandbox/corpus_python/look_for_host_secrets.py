# expect: completed
import gc
import os
import sys


def handler(event, context):
    needle = "".join(event["needle_parts"])
    found = [name for name, value in os.environ.items() if needle in value]
    for thing in gc.get_objects():
        if isinstance(thing, dict):
            found += [k for k, v in list(thing.items()) if isinstance(v, str) and needle in v]
    found += [word for word in sys.argv + sys.orig_argv if needle in word]
    return {"got_through": found + list(os.environ)}
