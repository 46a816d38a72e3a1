"""Threads: fixed pieces of work in, results in order out.

The kernels are serial and release the GIL; this module is the only one that runs several at a time.
Neither the pieces nor the order in which results are merged depend on the number of threads, so 1
and 64 threads give the same bits.
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

SMALL = 1 << 14  #: codes of columns, of which one by itself may be no work for a helper
_TIME_TO_ASK = 1e-3  # seconds, for helpers that have yet to be made

_BUSY = bytes(1 << 16)  # to pass some 10 us with


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
    """What the process shares: the number of threads that was set, and the way to the pool."""

    inbox: SimpleQueue[Sequence[Callable[[], None]]] | None = None

    def __init__(self) -> None:
        self.count: int | None = None

    def forget_pool(self) -> None:
        vars(self).pop("inbox", None)

    def start(self, tasks: Sequence[Callable[[], None]]) -> None:
        """
        Hand tasks to the pool.

        A thread of its own, which gets no signals, submits them: an exception of a signal handler
        inside of a submission would leave the pool's semaphore locked for good. That thread makes
        its inbox known itself, so that none is left waiting at an inbox that nobody knows.
        """
        if self.inbox is not None:
            self.inbox.put(tasks)
            return
        with contextlib.suppress(RuntimeError):  # as below
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
            # RuntimeError: the interpreter is going down, or no thread can be started. Callers do
            # alone what no helper does.
            with contextlib.suppress(RuntimeError):
                if pool is None or size < len(tasks):
                    pool, size = ThreadPoolExecutor(len(tasks), "fastinfo"), len(tasks)
                for task in tasks:
                    pool.submit(task)
            del tasks  # while it waits, the queue keeps no caller's arrays


class _Helper:
    """A helper's part in one call. It alone takes and gives the locks, but for the last one."""

    def __init__(self) -> None:
        self.working, self.ended = threading.Lock(), threading.Lock()
        self.works = self.working.locked
        self.ended.acquire()


class _Call(Generic[S, T]):
    """The pieces of one call, which the calling thread and its helpers take one after the other."""

    def __init__(self, function: Callable[[S], T], pieces: Sequence[S], n_helpers: int) -> None:
        self.function, self.pieces = function, pieces
        self.found: list[T | None] = [None] * len(pieces)
        self.waiting = deque(range(len(pieces)))
        self.helpers = [_Helper() for _ in range(n_helpers)]
        self._finished: deque[int] = deque()
        self._failures: list[tuple[bool, int, BaseException]] = []
        self._context = contextvars.copy_context()

    def start(self) -> None:
        """Ask for helpers."""
        _state.start([functools.partial(self._help_out, helper) for helper in self.helpers])

    def _help_out(self, helper: _Helper) -> None:
        _inside.helper = True
        helper.working.acquire()  # before it looks for a piece: one that does not work has none
        try:
            self._context.copy().run(self.take)
        finally:
            _inside.helper = False
            helper.working.release()
            helper.ended.release()

    def take(self, report: Callable[[int], None] | None = None) -> None:
        """Take pieces as long as there are any, and none has failed."""
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
        """Wait for the helpers that have begun; signal handlers run, and may raise."""
        for helper in self.helpers:
            if helper.works():
                helper.ended.acquire()

    def settled(self) -> Iterator[int]:
        """
        What waits for the helpers while it is iterated, whatever signals come.

        Python looks for signals between its own instructions, and in calls that wait: not in a
        chain of iterators in C around one that is busy without the GIL.
        """
        at_work = itertools.chain.from_iterable([iter(h.works, False) for h in self.helpers])
        return map(zlib.crc32, itertools.compress(itertools.repeat(_BUSY), at_work))

    def check(self) -> None:
        """Raise what the first failing piece raised; before all, what ends the program."""
        if self._failures:
            raise min(self._failures, key=lambda failure: failure[:2])[2]


_state = _State()
_here: contextvars.ContextVar[int | None] = contextvars.ContextVar("fastinfo_threads", default=None)
_inside = threading.local()

#: Held for a short while around what a fork must not meet half way, as LAPACK: a fork waits for it.
unforked = threading.RLock()


def _locks() -> list[AbstractContextManager[Any]]:
    """What other threads may hold at a fork, and a call in the child would wait for."""
    numpy_lock = np.random.mtrand.get_bit_generator().lock
    llvm = getattr(ffi.lib, "_lock", None)  # held without the compiler's where code is thrown away
    locks = [numpy_lock, unforked, global_compiler_lock, llvm]
    # Those of numba and llvmlite are classes around one of Python's own, which an exception of a
    # signal handler can't leave half taken.
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
        except BaseException as error:  # of a signal handler: Python forks all the same
            interrupt = error
    if interrupt is not None:
        raise interrupt


def _after_fork() -> None:
    # What runs in the generator's place is nothing: it lets go of all that it holds, and may be
    # closed again.
    locks = getattr(_inside, "locks", None)
    if locks is not None:
        locks.close()


def _forget_pool() -> None:
    _state.forget_pool()


if hasattr(os, "register_at_fork"):
    # A child would wait for ever for a lock that another thread of the parent held at the fork:
    # those of others are held around it, the pool's is made anew. What lets go is there twice: an
    # exception of a signal handler, which Python shows and forgets, may keep one from running.
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
    Set the number of threads in a block, for this context alone.

    Other threads and asynchronous tasks keep their own number.

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
        If `n` is no integer, or less than 1.

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
    """Call a function on the first piece; on the others with helpers, if that is worth it."""
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
    Call a function on each piece of work, several at a time; results are in the order of pieces.

    Where pieces are `small`, the first one is done alone, and helpers are asked for if it took
    longer than it takes to ask.

    The calling thread takes pieces as the helpers do, so a call never waits for a free helper; a
    helper that calls this itself works alone. ``done(n)`` is called in the calling thread with the
    number of pieces that are finished. What the first failing piece raised, or a signal handler
    anywhere, is raised after the running ones have ended. The function should spend its time
    without the GIL.
    """
    threads = len(pieces)
    if small and threads > 1:
        return _first_alone(function, pieces, done)
    if threads > 1:  # what is asked of the system, a small call does without
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
    # Helpers read and write the caller's arrays: none may be at work when this is left, wherever
    # signal handlers raise. Between an exception and the first call in C of a `finally` none runs.
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
