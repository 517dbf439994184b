# expect: package_rejected
# allowed: json
import json

import socket


def handler(event, context):
    return json.dumps(socket.AF_INET)
