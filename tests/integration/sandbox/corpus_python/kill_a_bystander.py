# expect: exception
import os
import signal


def handler(event, context):
    os.kill(event["bystander"], signal.SIGKILL)
