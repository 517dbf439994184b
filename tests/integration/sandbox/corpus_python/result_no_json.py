# expect: result_not_json
def handler(event, context):
    return {"when": object()}
