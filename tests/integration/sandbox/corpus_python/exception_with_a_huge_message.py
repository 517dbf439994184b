# expect: exception memory
def handler(event, context):
    raise ValueError("x" * 50_000_000)
