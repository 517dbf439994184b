# expect: package_rejected
# allowed: json importlib
import importlib


def handler(event, context):
    return importlib.import_module("so" + "cket").AF_INET
