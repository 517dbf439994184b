# expect: memory
# wall: 10
import zlib


def handler(event, context):
    packed = zlib.compress(bytes(50_000_000), 9)
    packed = zlib.compress(packed * 200, 9)
    return len(
        b"".join(zlib.decompress(piece) for piece in [zlib.decompress(packed)[:50_000]] * 100)
    )
