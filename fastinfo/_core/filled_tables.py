"""Tables of counts filled by threads: one table for each, which are added up at the end."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable

import numpy as np

from fastinfo._core.checks import Array
from fastinfo._core.coded_variable import CHUNK
from fastinfo._core.threads import get_num_threads, run_in_order, spans

#: Adds a run of samples, from a start to a stop, to a table.
Add = Callable[[int, int, Array], None]

_LEAST_PER_THREAD = 1 << 17
_MOST_PER_TABLE = 1 << 31  # samples that a cell of uint32 can take


def fill(shape: tuple[int, ...], n: int, add: Add) -> Array:
    """
    Fill a table by ``add(start, stop, table)`` with the counts of so many samples.

    Tables handed to it have a row more, and a column, for what is missing or outside.
    """
    beyond = tuple([size + 1 for size in shape])
    inner = tuple([slice(size) for size in shape])
    if 0 < n <= CHUNK // 2:  # the short way for small inputs
        small = np.zeros(beyond, np.uint32)
        add(0, n, small)
        return small[inner].astype(np.int64)
    return sum_of([table[inner] for table in fill_parts(beyond, n, add)], shape)


def fill_parts(shape: tuple[int, ...], n: int, add: Add) -> list[Array]:
    """
    Fill tables of uint32 that add up to the counts of so many samples, by threads.

    Each thread takes the next run of samples when it is done with one, so that one that is held up
    does less. Integer counts add up to the same whoever takes which.
    """
    lanes = n // max(_LEAST_PER_THREAD, 4 * math.prod(shape))
    lanes = min(get_num_threads(), lanes) if lanes > 1 else 1
    runs = reversed(spans(n, CHUNK))  # what was read last for a range may be in the cache

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
            deque(runs, 0)  # the others need not go on
            raise
        return tables

    return [table for tables in run_in_order(fill_lane, range(lanes)) for table in tables]


def sum_of(tables: list[Array], shape: tuple[int, ...]) -> Array:
    """The sum of tables of this shape, as int64."""
    if not tables:
        return np.zeros(shape, np.int64)
    total = tables[0].astype(np.int64)
    for table in tables[1:]:
        total += table
    return total
