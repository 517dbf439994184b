# expect: completed
import sys


def handler(event, context):
    return {"got_through": [name for name in sys.modules if name.startswith("tieline")]}
