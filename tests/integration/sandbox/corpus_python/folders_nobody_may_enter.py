# expect: completed
import os
import tempfile


def handler(event, context):
    folder = tempfile.gettempdir()
    for _ in range(20):
        folder = os.path.join(folder, "deep")
        os.mkdir(folder)
        open(os.path.join(folder, "file"), "w").close()
    while folder != tempfile.gettempdir():
        os.chmod(folder, 0)
        folder = os.path.dirname(folder)
    return "locked"
