"""What the machine allows: the time to read a byte from memory, and to count one code.

The column "of the limit" of the tables is the time that a case would take if nothing were done but
that, by the time that it takes. Bytes are read, and written where the result is as large: a new
result is counted once, though its pages have to be made as well.
"""

from __future__ import annotations

import functools
import statistics
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from clocks import seconds

N_BYTES = 80_000_000
N_CODES = 4_000_000
LEVELS = 64 * 64  # of a table that stays in the second cache
TURNS = 15


@numba.njit(fastmath=True)
def _sum(x):  # type: ignore[no-untyped-def]
    s = 0.0
    for i in range(np.uint64(x.size)):
        s += x[i]
    return s


@numba.njit
def _count(codes, table):  # type: ignore[no-untyped-def]
    for i in range(np.uint64(codes.size)):
        table[codes[i]] += 1


def _nanoseconds(function: Callable[[], Any], pieces: int) -> float:
    """Median time of a call for each of its pieces."""
    function()
    times = [seconds(function) for _ in range(TURNS)]
    return statistics.median(times) / pieces * 1e9


@functools.cache
def of_byte() -> float:
    """Nanoseconds to read a byte from memory, in order, with one thread."""
    x = np.ones(N_BYTES // 8)
    return _nanoseconds(lambda: _sum(x), N_BYTES)


@functools.cache
def of_increment() -> float:
    """Nanoseconds to count a code, with one thread."""
    codes = np.random.default_rng(0).integers(0, LEVELS, N_CODES).astype(np.uint16)
    table = np.zeros(LEVELS, np.uint32)
    return _nanoseconds(lambda: _count(codes, table), N_CODES)


def of_piece(n_bytes: float, increments: float) -> float:
    """Nanoseconds that a piece takes at least: the larger of both, which can overlap; 0 unknown."""
    reading = n_bytes * of_byte() if n_bytes else 0.0
    counting = increments * of_increment() if increments else 0.0
    return max(reading, counting)
