# expect: completed
import threading


def spin():
    while True:
        pass


def handler(event, context):
    threading.Thread(target=spin).start()
    return "gone"
