# expect: completed
import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
COLUMN = 0 if platform.machine() == "x86_64" else 1


def call(numbers, *arguments):
    return libc.syscall(ctypes.c_long(numbers[COLUMN]), *map(ctypes.c_long, arguments))


def handler(event, context):
    got_through = []
    if call((272, 97), 268435456) >= 0:
        got_through.append("unshare")
    if call((308, 268), 0, 0) >= 0:
        got_through.append("setns")
    if call((165, 40), 0, 0, 0, 0, 0) >= 0:
        got_through.append("mount")
    if call((166, 39), 0, 0) >= 0:
        got_through.append("umount")
    if call((155, 41), 0, 0) >= 0:
        got_through.append("pivot_root")
    if call((161, 51), 0) >= 0:
        got_through.append("chroot")
    if call((428, 428), -100, 0, 0) >= 0:
        got_through.append("open_tree")
    if call((430, 430), 0, 0) >= 0:
        got_through.append("fsopen")
    return {"got_through": got_through}
