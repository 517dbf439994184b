# expect: completed no_result exited exception result_not_json
import builtins


def handler(event, context):
    for name in ("isinstance", "len", "str", "bytes", "dict", "list", "BaseException", "getattr"):
        setattr(builtins, name, lambda *a, **k: "forged")
    return {"a": 1}
