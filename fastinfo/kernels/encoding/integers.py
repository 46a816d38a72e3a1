"""Labels to codes, where no sort is needed: integers of a small range, few distinct numbers.

Contract: integers are uint64 (negative ones wrap, as their differences do), numbers are float64,
all C-contiguous; ranges are not checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel

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
