# expect: completed
import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
COLUMN = 0 if platform.machine() == "x86_64" else 1


def call(numbers, *arguments):
    return libc.syscall(ctypes.c_long(numbers[COLUMN]), *map(ctypes.c_long, arguments))


def handler(event, context):
    got_through = []
    if call((29, 194), 29713, 4096, 950) >= 0:
        got_through.append("shmget")
    if call((64, 190), 29713, 1, 950) >= 0:
        got_through.append("semget")
    if call((68, 186), 29713, 950) >= 0:
        got_through.append("msgget")
    if call((240, 180), 0, 66, 438, 0) >= 0:
        got_through.append("mq_open")
    return {"got_through": got_through}
