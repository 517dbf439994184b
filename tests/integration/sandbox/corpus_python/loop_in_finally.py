# expect: wall
# wall: 0.4
def handler(event, context):
    try:
        raise ValueError
    finally:
        while True:
            pass
