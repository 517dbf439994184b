# expect: completed
import atexit


def spin():
    while True:
        pass


def handler(event, context):
    atexit.register(spin)
    return "gone"
