# expect: exception result_not_json completed
class Trap(dict):
    def items(self):
        raise SystemExit(3)


def handler(event, context):
    return Trap(a=1)
