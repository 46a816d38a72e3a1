"""A fork in the middle of what other threads do: the child computes, and ends."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import llvmlite.binding as llvm
import numpy as np
import pytest
from helpers import compiled, needs_fork

import fastinfo
from fastinfo._core import threads as _threads
from fastinfo._core.lazy.attributes import lazy
from fastinfo.streaming import ColumnCounts, PairCounts
from fastinfo.warming.first_calls import FIRST_CALLS, Arguments, _arguments

FORKS = int(os.environ.get("FASTINFO_TEST_FORKS", "2"))  # of each function
LIMIT = 30  # seconds after which a child hangs


def column_counts(a: Arguments) -> None:
    counts = ColumnCounts(list("abcd"), bins=np.linspace(-4, 4, 9))
    counts.update(a.X, a.j).merge(counts).ranking()


def pair_counts(a: Arguments) -> None:
    counts = PairCounts(list("abcd"), bins=np.linspace(-4, 4, 9))
    counts.update(a.X).merge(counts).matrix()


def gaussian(a: Arguments) -> None:
    for estimator in ("gaussian", "gaussian-copula"):
        fastinfo.mutual_information(a.X, a.X + a.ps, estimator=estimator)
        fastinfo.conditional_mutual_information(a.x, a.y, a.X, estimator=estimator)


TABLE = np.arange(1, 10_001).reshape(100, 100)

CALLS: dict[str, Callable[[Arguments], Any]] = {
    **{name: call for name, call in FIRST_CALLS.items() if name != "capi"},
    "ColumnCounts": column_counts,
    "PairCounts": pair_counts,
    "gaussian": gaussian,
    "from_table": lambda a: fastinfo.JointCounts.from_table(TABLE).mutual_information(),
    # The generator that all share, of which NumPy holds a lock while it draws.
    "random_state=None": lambda a: fastinfo.mutual_info_regression(a.X, a.y),
}
#: These use the pool for so few rows, and take long for more.
OF_FEW_ROWS = {
    "gaussian",
    "mutual_info_classif",
    "mutual_info_regression",
    "mutual_information",
    "mutual_information_matrix",
    "random_state=None",
    "rank_features",
    "select_features",
}
SMALL, MIDDLE, LARGE = (_arguments(n, np.float64) for n in (12, 20_000, 300_000))


@contextmanager
def working(work: Callable[[], Any], n: int = 3) -> Iterator[None]:
    """Threads that do something over and over."""
    over = threading.Event()
    failures: list[BaseException] = []

    def run() -> None:
        try:
            while not over.is_set():
                work()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(n)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join(2 * LIMIT)
    assert not any(thread.is_alive() for thread in threads)
    assert failures == []


def fork(work: Callable[[], Any]) -> int:
    """How a child ends that does something."""
    pid = os.fork()
    if pid == 0:
        signal.alarm(LIMIT)
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(pid, 0)[1]


@pytest.fixture
def three_threads() -> Iterator[None]:
    before = _threads._state.count
    fastinfo.set_num_threads(3)
    yield
    _threads._state.count = before


@pytest.mark.slow
@needs_fork
@compiled
@pytest.mark.filterwarnings("ignore")  # Python's of forks, and what these numbers happen to be
@pytest.mark.usefixtures("three_threads")
@pytest.mark.parametrize("name", CALLS)
def test_a_child_computes(name: str) -> None:
    call = CALLS[name]
    arguments = MIDDLE if name in OF_FEW_ROWS else LARGE
    call(SMALL)  # is compiled
    call(arguments)
    pauses = np.random.default_rng(0).uniform(0, 0.004, FORKS).tolist()
    with working(lambda: call(arguments)):
        for pause in pauses:
            time.sleep(pause)
            assert fork(lambda: call(SMALL)) == 0


@pytest.mark.slow
@needs_fork
@compiled
@pytest.mark.filterwarnings("ignore")
def test_a_child_has_llvm() -> None:
    # Its lock is held without numba's where compiled code is thrown away.
    with working(llvm.get_host_cpu_features):
        for _ in range(10):
            time.sleep(0.002)
            assert fork(llvm.get_host_cpu_features) == 0


@needs_fork
@pytest.mark.filterwarnings("ignore")
def test_no_lock_is_left_behind() -> None:
    def locked() -> list[bool]:
        found = []

        def look() -> None:  # another thread can't have what this one holds
            for lock in _threads._locks():
                inner = getattr(lock, "_lock", lock)
                free = inner.acquire(timeout=5)
                found.append(not free)
                if free:
                    inner.release()

        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        return found

    def check() -> None:
        assert locked() == [False] * 4

    check()
    assert fork(check) == 0

    def interrupted_in_hooks() -> None:  # where Python shows what they raise, and forks
        for hook in (_threads._before_fork, _threads._after_fork):
            with pytest.raises(TimeoutError):
                raised_in(hook)
            _threads._after_fork()

    check()
    assert fork(check) == 0
    check()
    interrupted_in_hooks()
    check()


def raised_in(hook: Callable[[], None]) -> None:
    """Call a hook in which a signal handler raises an exception at the first lock."""

    class Lock:
        def __enter__(self) -> None:
            if hook is _threads._before_fork:
                raise TimeoutError

        def __exit__(self, *error: object) -> None:
            raise TimeoutError

    locks = _threads._locks()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_threads, "_locks", lambda: [*locks[:2], Lock(), *locks[2:]])
        _threads._before_fork()
        hook()


# Values that are computed once


@dataclass(frozen=True)
class Square:
    side: int
    barrier: threading.Barrier

    @lazy
    def area(self) -> list[int]:
        """Its area."""
        self.barrier.wait(LIMIT)
        return [self.side**2]


def in_threads(*work: Callable[[], Any]) -> list[Any]:
    found: list[Any] = []
    threads = [threading.Thread(target=lambda w=w: found.append(w())) for w in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_a_value_is_computed_without_a_lock() -> None:
    # Each waits in the middle for the other: under one lock they would wait for ever.
    barrier = threading.Barrier(2)
    squares = [Square(side, barrier) for side in (2, 3)]
    found = in_threads(*(lambda s=s: s.area for s in squares))
    assert sorted(found) == [[4], [9]]
    one = Square(4, barrier)
    first, second = in_threads(lambda: one.area, lambda: one.area)
    assert first is second is one.area  # which waits no more


def test_a_value_is_that_of_the_object() -> None:
    square = Square(2, threading.Barrier(1))
    assert square.area is square.area
    assert Square.area.__doc__ == "Its area."
    assert isinstance(Square.area, lazy)
    assert Square(3, threading.Barrier(1)).area == [9]
