# expect: completed
import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
COLUMN = 0 if platform.machine() == "x86_64" else 1


def call(numbers, *arguments):
    return libc.syscall(ctypes.c_long(numbers[COLUMN]), *map(ctypes.c_long, arguments))


def handler(event, context):
    got_through = []
    if call((101, 117), 0, 0, 0, 0) >= 0:
        got_through.append("ptrace traceme")
    if call((310, 270), 1, 0, 0, 0, 0, 0) >= 0:
        got_through.append("process_vm_readv")
    if call((311, 271), 1, 0, 0, 0, 0, 0) >= 0:
        got_through.append("process_vm_writev")
    if call((434, 434), 1, 0) >= 0:
        got_through.append("pidfd_open")
    if call((438, 438), 0, 0, 0) >= 0:
        got_through.append("pidfd_getfd")
    if call((312, 272), 1, 1, 0, 0, 0) >= 0:
        got_through.append("kcmp")
    if call((440, 440), 0, 0, 0, 0, 0) >= 0:
        got_through.append("process_madvise")
    if call((279, 239), 0, 0, 0, 0, 0, 0) >= 0:
        got_through.append("move_pages")
    if call((129, 138), 1, 9, 0) >= 0:
        got_through.append("rt_sigqueueinfo")
    if call((200, 130), 1, 0) >= 0:
        got_through.append("tkill")
    return {"got_through": got_through}
