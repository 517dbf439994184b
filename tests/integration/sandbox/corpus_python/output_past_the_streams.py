# expect: output_limit
import os


def handler(event, context):
    while True:
        os.write(1, b"x" * 60_000)
