# expect: wall
# wall: 0.4
import threading


def handler(event, context):
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()
