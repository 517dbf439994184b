# expect: crashed memory exception
# wall: 10
import threading
import time


def handler(event, context):
    while True:
        threading.Thread(target=time.sleep, args=(1_000,), daemon=True).start()
