# expect: completed
import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
COLUMN = 0 if platform.machine() == "x86_64" else 1


def call(numbers, *arguments):
    return libc.syscall(ctypes.c_long(numbers[COLUMN]), *map(ctypes.c_long, arguments))


def handler(event, context):
    got_through = []
    if call((317, 277), 1, 0, 0) >= 0:
        got_through.append("a second filter")
    if call((157, 167), 22, 1, 0, 0, 0) >= 0:
        got_through.append("prctl seccomp")
    if call((157, 167), 4, 1, 0, 0, 0) >= 0:
        got_through.append("dumpable")
    if call((157, 167), 1, 0, 0, 0, 0) >= 0:
        got_through.append("no death signal")
    if call((157, 167), 36, 1, 0, 0, 0) >= 0:
        got_through.append("subreaper")
    if call((126, 91), 0, 0) >= 0:
        got_through.append("capabilities")
    if call((105, 146), 0) >= 0:
        got_through.append("setuid")
    if call((106, 144), 0) >= 0:
        got_through.append("setgid")
    if call((116, 159), 0, 0) >= 0:
        got_through.append("setgroups")
    if (
        call(
            (112, 157),
        )
        >= 0
    ):
        got_through.append("session")
    if call((109, 154), 0, 0) >= 0:
        got_through.append("group")
    if call((141, 140), 0, 0, -20) >= 0:
        got_through.append("priority")
    if call((203, 122), 0, 0, 0) >= 0:
        got_through.append("affinity")
    if call((446, 446), 0, 0) >= 0:
        got_through.append("landlock")
    return {"got_through": got_through}
