# expect: no_result exited
import os


def handler(event, context):
    os.closerange(0, 4_096)
    return "mine"
