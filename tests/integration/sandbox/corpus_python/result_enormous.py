# expect: result_too_large memory
def handler(event, context):
    return ["x" * 1_000_000] * 1_000
