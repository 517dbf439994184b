# expect: package_rejected
# allowed: json
def handler(event, context):
    return eval("__import__('socket')").AF_INET
