# expect: wall memory
# wall: 0.4
def handler(event, context):
    return (9**9**9) % 7
