# expect: exception
# wall: 3
import multiprocessing


def handler(event, context):
    with multiprocessing.get_context("fork").Pool(2) as pool:
        return pool.map(abs, [-1])
