# expect: exception wall
# wall: 5
import os


def handler(event, context):
    while True:
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        os.write(writing, bytes(65_536))
