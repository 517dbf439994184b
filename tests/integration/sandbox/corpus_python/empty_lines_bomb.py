# expect: output_limit
def handler(event, context):
    while True:
        print()
