# expect: completed
class Sticky:
    def __del__(self):
        while True:
            pass


KEPT = Sticky()


def handler(event, context):
    KEPT.itself = KEPT
    return "gone"
