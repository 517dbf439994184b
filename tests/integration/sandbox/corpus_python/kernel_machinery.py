# expect: completed
import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
COLUMN = 0 if platform.machine() == "x86_64" else 1


def call(numbers, *arguments):
    return libc.syscall(ctypes.c_long(numbers[COLUMN]), *map(ctypes.c_long, arguments))


def handler(event, context):
    got_through = []
    if call((321, 280), 0, 0, 0) >= 0:
        got_through.append("bpf")
    if call((298, 241), 0, 0, 0, 0, 0) >= 0:
        got_through.append("perf_event_open")
    if call((323, 282), 1) >= 0:
        got_through.append("userfaultfd")
    if call((425, 425), 1, 0) >= 0:
        got_through.append("io_uring_setup")
    if call((250, 219), 0, -3, 1) >= 0:
        got_through.append("keyctl")
    if call((248, 217), 0, 0, 0, 0, -3) >= 0:
        got_through.append("add_key")
    if call((319, 279), 0, 0) >= 0:
        got_through.append("memfd_create")
    if call((135, 92), 4294967295) >= 0:
        got_through.append("personality")
    if call((246, 104), 0, 0, 0, 0) >= 0:
        got_through.append("kexec_load")
    if call((175, 105), 0, 0, 0) >= 0:
        got_through.append("init_module")
    if call((169, 142), 0, 0, 0) >= 0:
        got_through.append("reboot")
    if call((170, 161), 0, 0) >= 0:
        got_through.append("sethostname")
    if call((164, 170), 0, 0) >= 0:
        got_through.append("settimeofday")
    if call((103, 116), 10, 0, 0) >= 0:
        got_through.append("syslog")
    if call((167, 224), 0, 0) >= 0:
        got_through.append("swapon")
    if call((163, 89), 0) >= 0:
        got_through.append("acct")
    if call((179, 60), 0, 0, 0, 0) >= 0:
        got_through.append("quotactl")
    if call((300, 262), 0, 0) >= 0:
        got_through.append("fanotify_init")
    if call((294, 26), 0) >= 0:
        got_through.append("inotify_init1")
    if call((303, 264), 0, 0, 0, 0, 0) >= 0:
        got_through.append("name_to_handle_at")
    if call((304, 265), 0, 0, 0) >= 0:
        got_through.append("open_by_handle_at")
    return {"got_through": got_through}
