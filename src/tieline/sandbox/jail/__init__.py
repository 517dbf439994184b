"""The processes of the sandbox: keeper, warden, worker.

    host ──▶ keeper ──fork──▶ warden ──fork──▶ worker (Python, or Node by execve)
     ◀───────── socket ─────────▶  ◀─ channel, logs ─▶

The *keeper* is one small process per `Sandbox` that never sees user code: everything forks from
it, so nothing a handler does can reach the next one. A *slot* is a warden and its worker, started
ahead and used for one run. The *warden* outlives the handler: it measures, enforces the limits,
takes the result, ends every descendant (it is their reaper) and only then reports. The *worker*
locks itself in and loads the handler. If the host dies the wardens see their sockets close; if a
warden dies the kernel ends its worker.

These modules run in processes that start often: they import little, and nothing outside this room.
"""
