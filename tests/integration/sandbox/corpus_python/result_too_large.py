# expect: result_too_large
def handler(event, context):
    return "x" * 1_000_000
