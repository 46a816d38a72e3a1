"""Many calls from 16 threads at once are those of one thread, to the bit.

Python changes from thread to thread every few instructions in half of the rounds: what threads read
and write half way is met there, as where no lock of the interpreter is.
"""

import pickle
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from calls import CALLS, KINDS
from fuzzing import fuzz, pick
from helpers import quiet

import fastinfo

NAMES = sorted(name for name, case in CALLS.items() if case.kinds)
SIZES = [3, 50, 2_000, 2_000, 100_000]


def results(call, arguments):
    found = call(*arguments)
    return pickle.dumps([np.asarray(part) for part in np.atleast_1d(found)])


def drawn(rng):
    """A call, its arguments, and what it returns when it is alone."""
    case = CALLS[pick(rng, NAMES)]
    n = pick(rng, SIZES)
    arguments = [KINDS[kind](rng, n) for kind in case.kinds]
    return case.call, arguments


def one_round(rng):
    work = [drawn(rng) for _ in range(12)]
    with fastinfo.num_threads(1):
        alone = [results(*call) for call in work]
    order = rng.integers(len(work), size=64)
    interval = sys.getswitchinterval()
    try:
        sys.setswitchinterval(pick(rng, [interval, 1e-6]))
        with ThreadPoolExecutor(16) as threads:
            together = list(threads.map(lambda i: results(*work[i]), order))
    finally:
        sys.setswitchinterval(interval)
    for i, found in zip(order, together, strict=True):
        assert found == alone[i], work[i]


@pytest.mark.slow
def test_calls_from_many_threads_are_those_of_one():
    quiet(fuzz, one_round, 4)
