# expect: completed
import socket


def handler(event, context):
    got_through = []
    attempts = {
        "tcp": lambda: socket.create_connection(("127.0.0.1", event["port"]), 1),
        "udp": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(
            b"x", ("127.0.0.1", event["port"])
        ),
        "tcp6": lambda: socket.socket(socket.AF_INET6),
        "unix": lambda: socket.socket(socket.AF_UNIX).connect(event["unix"]),
        "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0),
        "packet": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0),
        "vsock": lambda: socket.socket(socket.AF_VSOCK),
        "crypto": lambda: socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET),
        "bluetooth": lambda: socket.socket(31, socket.SOCK_RAW, 1),
        "raw": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1),
        "name": lambda: socket.getaddrinfo("example.com", 80),
    }
    for name, attempt in attempts.items():
        try:
            attempt()
        except (OSError, ValueError):
            continue
        got_through.append(name)
    return {"got_through": got_through}
