# expect: exception
def handler(event, context):
    kept = []
    while True:
        kept.append(open("/dev/null"))
