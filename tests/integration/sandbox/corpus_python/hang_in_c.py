# expect: wall
# wall: 0.4
def handler(event, context):
    return sum(range(10**12))
