# expect: completed
import builtins
import json
import os
import sys


def handler(event, context):
    forged = '"forged"'
    json.dumps = lambda *a, **k: forged
    json.JSONEncoder.encode = lambda *a, **k: forged
    json.encoder.encode_basestring = lambda *a, **k: forged
    os.write = lambda *a: 0
    os._exit = lambda code: None
    builtins.print = lambda *a, **k: None
    sys.exit = lambda *a: None
    sys.excepthook = print
    for name in list(sys.modules):
        if name != __name__ and not name.startswith("_"):
            del sys.modules[name]
    return {"a": 1}
