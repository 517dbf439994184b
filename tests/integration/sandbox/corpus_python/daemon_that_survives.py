# expect: exception
import os
import time


def handler(event, context):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True:
                time.sleep(1)
                open(event["outside"] + "/daemon", "w").close()
        os._exit(0)
    return "left one behind"
