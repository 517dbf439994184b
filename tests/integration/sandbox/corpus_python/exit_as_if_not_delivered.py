# expect: no_result
import os


def handler(event, context):
    os._exit(70)
