# expect: exception memory
import os
import tempfile


def handler(event, context):
    fd = os.open(os.path.join(tempfile.gettempdir(), "sparse"), os.O_CREAT | os.O_RDWR)
    os.ftruncate(fd, 10**12)
