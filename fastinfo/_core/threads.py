"""Run pieces of work in threads, and return the results in order.

Kernels are serial and release the GIL. This is the only module that runs several at a time. Neither
the pieces nor the order in which their results are merged depend on the number of threads, so 1 and
64 threads give the same bits.
"""

from __future__ import annotations

import _thread
import contextlib
import contextvars
import functools
import itertools
import operator
import os
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

import numpy as np
from llvmlite.binding import ffi
from numba.core.compiler_lock import global_compiler_lock

from fastinfo._core.machine import usable_cpus

T = TypeVar("T")
S = TypeVar("S")

_VARIABLE = "FASTINFO_NUM_THREADS"

SMALL = 1 << 14  #: columns with fewer codes than this may be too little work for a helper
_TIME_TO_ASK = 1e-3  # seconds that it takes to start helpers

_BUSY = bytes(1 << 16)  # data whose checksum takes about 10 us


def _check(n: object, name: str) -> int:
    try:
        count = operator.index(n)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"{name} must be an integer of at least 1, got {n!r}") from None
    if count < 1 or isinstance(n, bool):
        raise ValueError(f"{name} must be an integer of at least 1, got {n!r}")
    return count


def _default() -> int:
    text = os.environ.get(_VARIABLE, "").strip()
    if text:
        try:
            return _check(int(text), _VARIABLE)
        except ValueError:
            raise ValueError(
                f"environment variable {_VARIABLE} must be an integer of at least 1, got {text!r}"
            ) from None
    return usable_cpus()


class _State:
    """State of the process: the number of threads that was set, and the queue to the pool."""

    inbox: SimpleQueue[Sequence[Callable[[], None]]] | None = None

    def __init__(self) -> None:
        self.count: int | None = None

    def forget_pool(self) -> None:
        vars(self).pop("inbox", None)

    def start(self, tasks: Sequence[Callable[[], None]]) -> None:
        """
        Submit tasks to the pool.

        A separate thread submits them, because it receives no signals. If a signal handler raised
        an exception during a submission, the pool's semaphore would stay locked. The thread itself
        publishes its queue, so that no thread waits at an unknown queue.
        """
        if self.inbox is not None:
            self.inbox.put(tasks)
            return
        with contextlib.suppress(RuntimeError):  # see _submit_for_ever
            _thread.start_new_thread(self._submit_for_ever, (tasks,))

    def _submit_for_ever(self, tasks: Sequence[Callable[[], None]]) -> None:
        own: SimpleQueue[Sequence[Callable[[], None]]] = SimpleQueue()
        inbox = vars(self).setdefault("inbox", own)
        inbox.put(tasks)
        if inbox is not own:  # another thread was first
            return
        pool, size = None, 0
        while True:
            tasks = inbox.get()
            # RuntimeError: the interpreter is shutting down, or no thread can be started. Then the
            # callers do all the work themselves.
            with contextlib.suppress(RuntimeError):
                if pool is None or size < len(tasks):
                    pool, size = ThreadPoolExecutor(len(tasks), "fastinfo"), len(tasks)
                for task in tasks:
                    pool.submit(task)
            del tasks  # so that callers' arrays are not kept while waiting


class _Helper:
    """One helper of a call. Only the helper's thread locks and unlocks, apart from `wait`."""

    def __init__(self) -> None:
        self.working, self.ended = threading.Lock(), threading.Lock()
        self.works = self.working.locked
        self.ended.acquire()


class _Call(Generic[S, T]):
    """One call: its pieces, which the calling thread and the helpers take one by one."""

    def __init__(self, function: Callable[[S], T], pieces: Sequence[S], n_helpers: int) -> None:
        self.function, self.pieces = function, pieces
        self.found: list[T | None] = [None] * len(pieces)
        self.waiting = deque(range(len(pieces)))
        self.helpers = [_Helper() for _ in range(n_helpers)]
        self._finished: deque[int] = deque()
        self._failures: list[tuple[bool, int, BaseException]] = []
        self._context = contextvars.copy_context()

    def start(self) -> None:
        """Ask the pool for helpers."""
        _state.start([functools.partial(self._help_out, helper) for helper in self.helpers])

    def _help_out(self, helper: _Helper) -> None:
        _inside.helper = True
        helper.working.acquire()  # lock first: a helper without the lock has no piece
        try:
            self._context.copy().run(self.take)
        finally:
            _inside.helper = False
            helper.working.release()
            helper.ended.release()

    def take(self, report: Callable[[int], None] | None = None) -> None:
        """Process pieces until none is left, or one has failed."""
        while True:
            try:
                i = self.waiting.popleft()
            except IndexError:
                return
            try:
                self.found[i] = self.function(self.pieces[i])
                self._finished.append(i)
                if report is not None and len(self._finished) < len(self.pieces):
                    report(len(self._finished))
            except BaseException as error:
                self._failures.append((isinstance(error, Exception), i, error))
                self.waiting.clear()
                return

    def wait(self) -> None:
        """Wait for the helpers that have begun; signal handlers run, and may raise errors."""
        for helper in self.helpers:
            if helper.works():
                helper.ended.acquire()

    def settled(self) -> Iterator[int]:
        """
        An iterator that, when exhausted, has waited for the helpers in spite of signals.

        Python runs signal handlers between its own instructions and in waiting calls, but not
        inside a chain of C iterators around a C function that is busy without the GIL.
        """
        at_work = itertools.chain.from_iterable([iter(h.works, False) for h in self.helpers])
        return map(zlib.crc32, itertools.compress(itertools.repeat(_BUSY), at_work))

    def check(self) -> None:
        """Raise the error of the first piece that failed; errors that end the program first."""
        if self._failures:
            raise min(self._failures, key=lambda failure: failure[:2])[2]


_state = _State()
_here: contextvars.ContextVar[int | None] = contextvars.ContextVar("fastinfo_threads", default=None)
_inside = threading.local()

#: Held for a short time around code that a fork must not interrupt, such as LAPACK.
unforked = threading.RLock()


def _locks() -> list[AbstractContextManager[Any]]:
    """Locks that other threads may hold during a fork, and a call in the child would need."""
    numpy_lock = np.random.mtrand.get_bit_generator().lock
    llvm = getattr(ffi.lib, "_lock", None)  # also held when code is freed
    locks = [numpy_lock, unforked, global_compiler_lock, llvm]
    # numba and llvmlite wrap locks of Python, which an exception of a signal handler can't leave
    # half acquired.
    return [getattr(lock, "_lock", lock) for lock in locks if lock is not None]


def _holding(locks: Sequence[AbstractContextManager[Any]]) -> Iterator[None]:
    if not locks:
        yield
        return
    with locks[0]:
        yield from _holding(locks[1:])


def _before_fork() -> None:
    interrupt: BaseException | None = None
    for _ in range(3):
        try:
            _inside.locks = locks = _holding(_locks())
            next(locks)
            break
        except BaseException as error:  # from a signal handler; Python forks anyway
            interrupt = error
    if interrupt is not None:
        raise interrupt


def _after_fork() -> None:
    # Closing the generator releases all its locks. It may be closed a second time.
    locks = getattr(_inside, "locks", None)
    if locks is not None:
        locks.close()


def _forget_pool() -> None:
    _state.forget_pool()


if hasattr(os, "register_at_fork"):
    # A child would wait forever for a lock that another thread of the parent held during the fork.
    # So these locks are held around the fork, and the child makes a new pool. Releasing them is
    # registered twice, because an exception of a signal handler may prevent the first one.
    os.register_at_fork(before=_before_fork, after_in_child=_forget_pool)
    for _ in range(2):
        os.register_at_fork(after_in_parent=_after_fork, after_in_child=_after_fork)


def get_num_threads() -> int:
    """
    Return the number of threads that a call may use.

    Returns
    -------
    int
        The innermost :func:`num_threads` of this context, else the last :func:`set_num_threads`,
        else the environment variable ``FASTINFO_NUM_THREADS``, else the number of CPUs that this
        process may use, by its affinity and by the limit of its control group (a container's).

    Examples
    --------
    >>> import fastinfo
    >>> with fastinfo.num_threads(2):
    ...     fastinfo.get_num_threads()
    2
    """
    count = _here.get()
    if count is None:
        count = _state.count
    return _default() if count is None else count


def set_num_threads(n: int) -> None:
    """
    Set the number of threads that a call may use, for the whole process.

    Parameters
    ----------
    n : int
        At least 1, else ``TypeError`` or ``ValueError``. Results do not depend on it, to the bit.

    Examples
    --------
    >>> import fastinfo
    >>> before = fastinfo.get_num_threads()
    >>> fastinfo.set_num_threads(1)
    >>> fastinfo.get_num_threads()
    1
    >>> fastinfo.set_num_threads(before)
    """
    _state.count = _check(n, "n")


@contextlib.contextmanager
def num_threads(n: int) -> Iterator[None]:
    """
    Set the number of threads within a block, for the current context only.

    Other threads and asynchronous tasks keep their own number. A thread that is started in the
    block inherits it only with ``-X thread_inherit_context=1``, free-threaded builds' default.

    Parameters
    ----------
    n : int
        At least 1.

    Yields
    ------
    None
        The block runs with `n` threads.

    Raises
    ------
    TypeError, ValueError
        If `n` is not an integer, or is less than 1.

    Examples
    --------
    >>> import fastinfo
    >>> with fastinfo.num_threads(1):
    ...     float(fastinfo.entropy([0.5, 0.5], base=2))
    1.0
    """
    before, count = _here.get(), _check(n, "n")
    try:
        _here.set(count)
        yield
    finally:
        _here.set(before)


def spans(n: int, size: int) -> list[tuple[int, int]]:
    """Cut ``range(n)`` into pieces of a fixed size, the last one shorter: (start, stop) each."""
    return [(start, min(start + size, n)) for start in range(0, n, size)]


def _first_alone(
    function: Callable[[S], T], pieces: Sequence[S], done: Callable[[int], None] | None
) -> list[T]:
    """Run the first piece alone, then the others, with helpers if that pays."""
    start = time.perf_counter()
    found = [function(pieces[0])]
    longest = (time.perf_counter() - start) * (len(pieces) - 1)
    if done is not None:
        done(1)
    report = (lambda n: done(n + 1)) if done is not None else None
    if longest > _TIME_TO_ASK:
        return found + run_in_order(function, pieces[1:], done=report)
    for piece in pieces[1:]:
        found.append(function(piece))
        if report is not None:
            report(len(found) - 1)
    return found


def run_in_order(
    function: Callable[[S], T],
    pieces: Sequence[S],
    *,
    done: Callable[[int], None] | None = None,
    small: bool = False,
) -> list[T]:
    """
    Call a function on each piece, several at a time; return results in order of the pieces.

    With `small` pieces, the first one is run alone, and helpers are asked for only if it took
    longer than asking takes.

    The calling thread processes pieces like the helpers, so a call never waits for a free helper. A
    helper that calls this function itself works alone. ``done(n)`` is called in the calling thread
    with the number of finished pieces. Errors of the first failing piece, or of a signal handler in
    any place, are raised after all running pieces have ended. The function should spend its time
    without the GIL.
    """
    threads = len(pieces)
    if small and threads > 1:
        return _first_alone(function, pieces, done)
    if threads > 1:  # a small call does not ask the system
        threads = 1 if getattr(_inside, "helper", False) else min(get_num_threads(), threads)
    if threads <= 1:
        results = []
        for piece in pieces:
            results.append(function(piece))
            if done is not None:
                done(len(results))
        return results

    call = _Call(function, pieces, threads - 1)
    settled = call.settled()
    # Helpers use the caller's arrays, so none may be running on return, wherever a signal handler
    # raises. No handler runs between an exception and the first C call of a `finally`.
    try:
        try:
            try:
                call.start()
                call.take(done)
            finally:
                call.waiting.clear()
        finally:
            call.wait()
    finally:
        deque(settled, 0)
    call.check()
    if done is not None:
        done(len(pieces))
    return call.found  # type: ignore[return-value]
