# expect: wall
# wall: 0.4
import time


def handler(event, context):
    time.sleep(10_000)
