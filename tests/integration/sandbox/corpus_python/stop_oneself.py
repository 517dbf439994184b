# expect: wall
# wall: 0.4
import os
import signal


def handler(event, context):
    os.kill(os.getpid(), signal.SIGSTOP)
