"""Fill tables of counts by threads: one table for each thread, added up at the end."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable

import numpy as np

from fastinfo._core.checks import Array
from fastinfo._core.coded_variable import CHUNK
from fastinfo._core.threads import get_num_threads, run_in_order, spans

#: A function that adds the samples from a start to a stop to a table.
Add = Callable[[int, int, Array], None]

_LEAST_PER_THREAD = 1 << 17
_MOST_PER_TABLE = 1 << 31  # samples that a cell of uint32 can count


def fill(shape: tuple[int, ...], n: int, add: Add) -> Array:
    """
    Fill a table with the counts of `n` samples by calling ``add(start, stop, table)``.

    The tables that `add` receives have an additional row and column, for samples that are missing
    or outside the edges.
    """
    beyond = tuple([size + 1 for size in shape])
    inner = tuple([slice(size) for size in shape])
    if 0 < n <= CHUNK // 2:  # a short cut for small inputs
        small = np.zeros(beyond, np.uint32)
        add(0, n, small)
        return small[inner].astype(np.int64)
    return sum_of([table[inner] for table in fill_parts(beyond, n, add)], shape)


def fill_parts(shape: tuple[int, ...], n: int, add: Add) -> list[Array]:
    """
    Fill tables of uint32 by threads; added up, they are the counts of `n` samples.

    Each thread takes the next run of samples when it has finished one, so a thread that is held up
    does less. The sum of integer counts does not depend on which thread counts which run.
    """
    lanes = n // max(_LEAST_PER_THREAD, 4 * math.prod(shape))
    lanes = min(get_num_threads(), lanes) if lanes > 1 else 1
    runs = reversed(spans(n, CHUNK))  # the samples that were read last may still be in the cache

    def fill_lane(lane: int) -> list[Array]:
        tables: list[Array] = []
        room = 0
        try:
            for start, stop in runs:
                if room < stop - start:
                    tables.append(np.zeros(shape, np.uint32))
                    room = _MOST_PER_TABLE
                add(start, stop, tables[-1])
                room -= stop - start
        except BaseException:
            deque(runs, 0)  # so that the other threads stop
            raise
        return tables

    return [table for tables in run_in_order(fill_lane, range(lanes)) for table in tables]


def sum_of(tables: list[Array], shape: tuple[int, ...]) -> Array:
    """The sum of some tables of the same shape, as int64."""
    if not tables:
        return np.zeros(shape, np.int64)
    total = tables[0].astype(np.int64)
    for table in tables[1:]:
        total += table
    return total
