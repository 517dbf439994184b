# expect: result_not_json
def handler(event, context):
    cycle = []
    cycle.append(cycle)
    return cycle
