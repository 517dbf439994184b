# expect: crashed memory exception
# wall: 10
import sys


def down():
    return [down()]


def handler(event, context):
    sys.setrecursionlimit(10**9)
    return list(map(lambda _: down(), [0]))
