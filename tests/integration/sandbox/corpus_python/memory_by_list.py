# expect: memory
def handler(event, context):
    kept = []
    while True:
        kept.append("x" * 1_000_000)
