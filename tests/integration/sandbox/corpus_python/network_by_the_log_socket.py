# expect: completed
import socket


def handler(event, context):
    got_through = []
    attempts = {
        "send elsewhere": lambda: socket.socket(fileno=1).sendto(b"x", event["unix_datagram"]),
        "connect": lambda: socket.socket(fileno=2).connect(event["unix_datagram"]),
        "message": lambda: socket.socket(fileno=1).sendmsg([b"x"], [], 0, event["unix_datagram"]),
        "pair": lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(
            b"x", event["unix_datagram"]
        ),
        "listen": lambda: socket.socketpair()[0].bind("\0tieline-left-behind"),
    }
    for name, attempt in attempts.items():
        try:
            attempt()
        except (OSError, ValueError):
            continue
        got_through.append(name)
    return {"got_through": got_through}
