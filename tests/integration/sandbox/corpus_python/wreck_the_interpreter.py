# expect: completed no_result exited crashed exception
import ctypes
import gc
import sys


def handler(event, context):
    for thing in gc.get_objects():
        if isinstance(thing, dict) and thing is not globals():
            try:
                thing.clear()
            except Exception:
                pass
    sys.setprofile(lambda *a: 1 / 0)
    return "wrecked"
