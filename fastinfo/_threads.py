"""Threads: fixed pieces of work in, results in order out.

The kernels are serial and release the GIL; this module is the only one that runs several at a time.
Neither the pieces nor the order in which results are merged depend on the number of threads, so 1
and 64 threads give the same bits.
"""

from __future__ import annotations

import contextlib
import contextvars
import itertools
import operator
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from numba.core.compiler_lock import global_compiler_lock

__all__ = ["get_num_threads", "num_threads", "run_in_order", "set_num_threads", "spans"]

T = TypeVar("T")
S = TypeVar("S")

_VARIABLE = "FASTINFO_NUM_THREADS"


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
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _State:
    """What the process shares: the number of threads that was set, the pool, its lock."""

    def __init__(self) -> None:
        self.count: int | None = None
        self.forget_pool()

    def forget_pool(self) -> None:
        self.lock = threading.Lock()
        self.pool: ThreadPoolExecutor | None = None
        self.size = 0

    def submit(self, task: Callable[[], None], copies: int) -> list[Future[None]]:
        """Start a task several times; fewer, or none, where the pool takes no more work."""
        futures: list[Future[None]] = []
        with self.lock:
            if self.pool is None or self.size < copies:
                if self.pool is not None:
                    self.pool.shutdown(wait=False)
                self.pool = ThreadPoolExecutor(copies, thread_name_prefix="fastinfo")
                self.size = copies
            # RuntimeError: the interpreter is going down, or no thread can be started.
            with contextlib.suppress(RuntimeError):
                futures.extend(self.pool.submit(task) for _ in range(copies))
        return futures


_state = _State()
_here: contextvars.ContextVar[int | None] = contextvars.ContextVar("fastinfo_threads", default=None)
_inside = threading.local()


def _after_fork() -> None:
    global_compiler_lock.release()
    _state.forget_pool()


if hasattr(os, "register_at_fork"):
    # A child would wait for ever for a lock that another thread of the parent held at the fork:
    # numba's compiler lock is held around it, the pool's is made anew.
    os.register_at_fork(
        before=global_compiler_lock.acquire,
        after_in_parent=global_compiler_lock.release,
        after_in_child=_after_fork,
    )


def get_num_threads() -> int:
    """
    Return the number of threads that a call may use.

    Returns
    -------
    int
        The innermost :func:`num_threads` of this context, else the last :func:`set_num_threads`,
        else the environment variable ``FASTINFO_NUM_THREADS``, else the number of CPUs that this
        process may use.

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
        At least 1. Results do not depend on it, to the bit.

    Raises
    ------
    TypeError, ValueError
        If `n` is no integer, or less than 1.

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
    ...     fastinfo.entropy([0.5, 0.5], base=2)
    1.0
    """
    token = _here.set(_check(n, "n"))
    try:
        yield
    finally:
        _here.reset(token)


def spans(n: int, size: int) -> list[tuple[int, int]]:
    """Cut ``range(n)`` into pieces of a fixed size, the last one shorter: (start, stop) each."""
    return [(start, min(start + size, n)) for start in range(0, n, size)]


def run_in_order(
    function: Callable[[S], T],
    pieces: Sequence[S],
    *,
    done: Callable[[int], None] | None = None,
) -> list[T]:
    """
    Call a function on each piece of work, several at a time.

    The calling thread takes pieces as the helpers do, so a call never waits for a free helper; a
    helper that calls this itself works alone.

    Parameters
    ----------
    function : callable
        Called once with each piece. It should spend its time without the GIL.
    pieces : sequence
        What to call it with.
    done : callable, optional
        Called in the calling thread with the number of pieces that are finished so far.

    Returns
    -------
    list
        The results, in the order of the pieces.

    Raises
    ------
    BaseException
        What the first failing piece raised, after the running ones have ended.
    """
    threads = 1 if getattr(_inside, "helper", False) else min(get_num_threads(), len(pieces))
    if threads <= 1:
        results = []
        for piece in pieces:
            results.append(function(piece))
            if done is not None:
                done(len(results))
        return results

    found: list[T | None] = [None] * len(pieces)
    finished = [False] * len(pieces)
    failures: list[tuple[int, BaseException]] = []
    stop = threading.Event()
    counter = itertools.count()
    counter_lock = threading.Lock()

    def take(report: Callable[[int], None] | None = None) -> None:
        while not stop.is_set():
            with counter_lock:
                i = next(counter)
            if i >= len(pieces):
                return
            try:
                found[i] = function(pieces[i])
                finished[i] = True
                if report is not None:
                    report(sum(finished))
            except BaseException as error:
                failures.append((i, error))
                stop.set()
                return

    def help_out() -> None:
        _inside.helper = True
        try:
            context.copy().run(take)
        finally:
            _inside.helper = False

    context = contextvars.copy_context()
    helpers = _state.submit(help_out, threads - 1)
    try:
        take(done)
    except BaseException:  # Ctrl-C between two pieces
        stop.set()
        raise
    finally:
        for helper in helpers:
            if not helper.cancel():
                _wait(helper, stop)
    if failures:
        raise min(failures, key=lambda failure: failure[0])[1]
    return found  # type: ignore[return-value]


def _wait(helper: Future[None], stop: threading.Event) -> None:
    """Wait for a helper that is running: it still reads and writes the caller's arrays."""
    interrupt: BaseException | None = None
    while True:
        try:
            helper.result()
            break
        except KeyboardInterrupt as error:  # it ends after its piece; then the caller hears of it
            stop.set()
            interrupt = error
    if interrupt is not None:
        raise interrupt
