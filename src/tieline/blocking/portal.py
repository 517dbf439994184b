"""The one background thread that runs the event loop of a blocking client."""

import concurrent.futures.thread  # noqa: F401  # registers its own exit, see close_at_exit
import os
import threading
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack
from typing import TypeVar

from anyio.from_thread import BlockingPortal, start_blocking_portal

from tieline.errors import Unsupported

T = TypeVar("T")


class Portal:
    """Runs coroutines on a thread of its own; call it from any thread, a notebook's included.

    The thread starts with the first call. A client that nobody closed is closed when the
    interpreter leaves, while threads still run.
    """

    def __init__(self) -> None:
        self._process = os.getpid()
        self._starting = threading.Lock()
        self._thread = ExitStack()
        self._running: BlockingPortal | None = None
        self._closed = False

    def call(self, begin: Callable[[], Awaitable[T]]) -> T:
        """Run what `begin` returns to its end and return its result, or raise its error.

        An interrupt of the calling thread (Ctrl-C) cancels it there and comes out here at once.
        """
        future = self._portal().start_task_soon(begin)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def iterate(self, items: AsyncIterator[T]) -> Iterator[T]:
        """Walk an asynchronous iterator, asking for an item when the one before was taken."""
        while True:
            try:
                item = self.call(items.__anext__)
            except StopAsyncIteration:
                return
            yield item

    def close(self, last: Callable[[], Awaitable[None]]) -> None:
        """Run `last`, then end the thread; what is still running there is waited for.

        In a process forked from the one that opened it there is nothing to close.
        """
        if self._closed or os.getpid() != self._process:
            return
        try:
            if self._running is not None:
                self.call(last)
        finally:
            self._closed = True
            self._thread.close()

    def close_at_exit(self, close: Callable[[], None]) -> None:
        """Let a client that nobody closed be closed when the interpreter leaves."""
        reference = weakref.WeakMethod(close)
        # Plain atexit comes too late: by then no executor takes work, and closing would hang. These
        # run last in first out, so ours comes before the one of concurrent.futures, loaded above.
        register: Callable[..., None] = getattr(threading, "_register_atexit")  # noqa: B009  # private
        register(_close_if_alive, reference)

    def _portal(self) -> BlockingPortal:
        if os.getpid() != self._process:
            raise Unsupported(
                "this client was opened before a fork and cannot be used after it",
                hint="open a client in each process",
            )
        with self._starting:
            if self._closed:
                raise Unsupported("this client is closed", hint="open another one")
            if self._running is None:
                portal = start_blocking_portal(name="tieline")
                self._running = self._thread.enter_context(portal)
            return self._running


def _close_if_alive(reference: "weakref.WeakMethod[Callable[[], None]]") -> None:
    close = reference()
    if close is not None:
        close()
