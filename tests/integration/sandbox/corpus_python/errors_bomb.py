# expect: output_limit
import sys


def handler(event, context):
    while True:
        sys.stderr.write("x" * 1_000)
