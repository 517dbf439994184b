# expect: wall memory
# wall: 1
def handler(event, context):
    kept = []
    while True:
        try:
            kept.append(bytearray(1_000_000))
        except MemoryError:
            continue
