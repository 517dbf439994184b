# expect: result_not_json
def handler(event, context):
    nested = []
    for _ in range(100_000):
        nested = [nested]
    return nested
