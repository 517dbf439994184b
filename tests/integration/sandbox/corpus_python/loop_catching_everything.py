# expect: wall
# wall: 0.4
def handler(event, context):
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue
