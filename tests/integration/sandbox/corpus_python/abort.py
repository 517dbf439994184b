# expect: crashed
import os


def handler(event, context):
    os.abort()
