# expect: result_not_json
def handler(event, context):
    return float("nan")
