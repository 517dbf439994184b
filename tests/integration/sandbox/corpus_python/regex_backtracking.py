# expect: wall
# wall: 0.4
import re


def handler(event, context):
    return bool(re.match(r"(a+)+$", "a" * 60 + "b"))
