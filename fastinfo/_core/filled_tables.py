"""Tables of counts filled by threads: one table and one run of samples each, then their sum."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from fastinfo._core.checks import Array
from fastinfo._core.coded_variable import CHUNK
from fastinfo._core.threads import get_num_threads, run_in_order, spans

_LEAST_PER_THREAD = 1 << 17
_MOST_PER_TABLE = 1 << 31  # samples that a cell of uint32 can take


def fill(shape: tuple[int, ...], n: int, add: Callable[[int, int, Array], None]) -> Array:
    """
    Fill a table by ``add(start, stop, table)``, one table and one run of samples a thread.

    Integer counts add up to the same whatever the runs are.
    """
    beyond = tuple([size + 1 for size in shape])
    inner = tuple([slice(size) for size in shape])
    if 0 < n <= CHUNK // 2:  # the short way for small inputs
        small = np.zeros(beyond, np.uint32)
        add(0, n, small)
        return small[inner].astype(np.int64)
    lanes = n // max(_LEAST_PER_THREAD, 4 * math.prod(beyond))
    lanes = min(get_num_threads(), lanes) if lanes > 1 else 1
    size = max(1, min(-(-n // lanes), _MOST_PER_TABLE))

    def fill(span: tuple[int, int]) -> Array:
        table = np.zeros(beyond, np.uint32)
        for start in range(*span, CHUNK):
            add(start, min(start + CHUNK, span[1]), table)
        return table

    tables = [table[inner] for table in run_in_order(fill, spans(n, size))]
    if not tables:
        return np.zeros(shape, np.int64)
    total = tables[0].astype(np.int64)
    for table in tables[1:]:
        total += table
    return total
