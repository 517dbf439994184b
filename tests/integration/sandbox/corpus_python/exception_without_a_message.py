# expect: exception
class Awful(BaseException):
    def __str__(self):
        raise SystemExit(0)


def handler(event, context):
    raise Awful
