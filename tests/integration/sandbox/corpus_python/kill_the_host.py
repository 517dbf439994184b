# expect: exception
import os
import signal


def handler(event, context):
    os.kill(event["host"], signal.SIGKILL)
