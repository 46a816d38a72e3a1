"""Labels to codes, where no sort is needed: integers of a small range, few distinct numbers.

Contract: integers are uint64 (negative ones wrap, as their differences do), numbers are float64,
all C-contiguous; ranges are not checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.counting.tables import AHEAD, tally_ahead
from fastinfo.kernels.elementary.memory import new_array

_BLOCK = 320
_SLOTS = 1024
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(54)


@kernel
def mark_integers(labels, least, seen):
    """Set ``seen[label - least]`` for each label."""
    for i in range(labels.size):
        seen[labels[i] - least] = True


@kernel
def codes_from_integers(labels, least, lookup, out):
    """Code ``lookup[label - least]`` of each label."""
    for i in range(labels.size):
        out[i] = lookup[labels[i] - least]


@kernel
def count_integer_pairs(x, y, x_least, x_span, y_least, y_span, odd, table):
    """
    Count pairs of integers straight into a flat table; return whether all lay inside of it.

    The cell of a pair is ``(x - x_least) * y_span + (y - y_least)``, for every other sample `odd`
    cells further: equal pairs in a row don't wait for one another. Counting stops at the first
    block with a label outside of the spans.
    """
    codes = new_array(_BLOCK, np.uint32)
    width = np.uint32(y_span)
    apart = np.uint32(odd)
    for start in range(0, x.size, _BLOCK):
        n = x.size - start if x.size - start < _BLOCK else _BLOCK
        outside = np.uint8(0)
        for i in range(n):
            k = np.uint64(start + i)
            p = x[k] - x_least
            q = y[k] - y_least
            outside |= np.uint8(p >= x_span) | np.uint8(q >= y_span)
            codes[np.uint64(i)] = np.uint32(np.uint32(p) * width) + np.uint32(q)
        if outside != 0:
            return False
        tally_ahead(codes, n, table, apart, x, y, start + AHEAD)
    return True


@kernel(fastmath=())  # the sign of a zero matters
def distinct(x, limit, values, slots):
    """
    Collect distinct numbers, NaN apart, as long as there are at most `limit` (at most 512).

    They are added to ``values[:limit]``. ``slots`` (1,025 int64, -1 at first, the last one 0) is a
    hash table of their places, and their number. Returns that, ``limit + 1`` once there are more.
    """
    mask = np.uint64(_SLOTS - 1)
    n = slots[_SLOTS]
    for i in range(x.size):
        v = x[i] + 0.0  # -0.0 becomes 0.0
        if v != v:
            continue
        slot = (np.float64(v).view(np.uint64) * _GOLDEN) >> _SHIFT
        while slots[slot] >= 0 and values[slots[slot]] != v:
            slot = (slot + np.uint64(1)) & mask
        if slots[slot] < 0:
            if n == limit:
                return limit + 1
            values[n] = v
            slots[slot] = n
            n += 1
            slots[_SLOTS] = n
    return n
