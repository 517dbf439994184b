# expect: completed memory
# wall: 30
import os
import tempfile


def handler(event, context):
    os.chdir(tempfile.gettempdir())
    for number in range(3_000):
        os.mkdir(f"folder{number}")
        os.chdir(f"folder{number}")
    return "deep"
