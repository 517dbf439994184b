# expect: output_limit
import sys


def handler(event, context):
    sys.stdout.write("x" * 30_000_000)
