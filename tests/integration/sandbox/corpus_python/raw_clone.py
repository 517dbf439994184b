# expect: completed
import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
COLUMN = 0 if platform.machine() == "x86_64" else 1


def call(numbers, *arguments):
    return libc.syscall(ctypes.c_long(numbers[COLUMN]), *map(ctypes.c_long, arguments))


def handler(event, context):
    got_through = []
    if call((56, 220), 17, 0, 0, 0, 0) >= 0:
        got_through.append("clone")
    if call((56, 220), 268435473, 0, 0, 0, 0) >= 0:
        got_through.append("clone in a new user namespace")
    if (
        call(
            (58, 1000),
        )
        >= 0
    ):
        got_through.append("vfork")
    if call((435, 435), 0, 0) >= 0:
        got_through.append("clone3")
    return {"got_through": got_through}
