# expect: exited
import os
import threading
import time


def handler(event, context):
    threading.Thread(target=os._exit, args=(0,)).start()
    time.sleep(5)
