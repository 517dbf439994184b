# expect: memory
# wall: 10
import mmap


def handler(event, context):
    shared = mmap.mmap(-1, 4_000_000_000)
    for place in range(0, len(shared), 4096):
        shared[place] = 1
