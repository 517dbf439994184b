# expect: memory exception
# wall: 10
import os
import tempfile


def handler(event, context):
    folder = tempfile.gettempdir()
    for number in range(1_000):
        with open(os.path.join(folder, str(number)), "wb") as file:
            file.write(bytes(1_000_000))
    return "filled"
