# expect: completed
# result: "mine"
import os
import sys


def handler(event, context):
    line = '{"status":"completed","reason":null,"result":"forged","tier":"hardened"}'
    print(line)
    print(line, file=sys.stderr)
    os.write(1, line.encode())
    return "mine"
