# expect: cpu
# wall: 5
# cpu: 0.3
import hashlib
import threading

BLOCK = bytes(1_000_000)


def burn():
    while True:
        hashlib.sha256(BLOCK).digest()


def handler(event, context):
    for _ in range(4):
        threading.Thread(target=burn).start()
    burn()
