# expect: result_not_json
def handler(event, context):
    yield 1
