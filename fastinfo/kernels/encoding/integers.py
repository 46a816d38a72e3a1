"""Codes of labels without sorting: integers of a small range, and few distinct numbers.

What the kernels expect: integers are uint64 (negative ones wrap around, as do their differences)
unless stated otherwise. Numbers are float64. All arrays are C-contiguous. Ranges are not checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import new_zeros

_SLOTS = 1024
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(54)
_WIDEST = np.uint64(1 << 12)


@kernel
def mark_integers(labels, least, seen):
    """Set ``seen[label - least]`` for each label."""
    for i in range(labels.size):
        seen[labels[i] - least] = True


@kernel
def codes_from_integers(labels, least, lookup, out):
    """Write the code ``lookup[label - least]`` of each label."""
    for i in range(labels.size):
        out[i] = lookup[labels[i] - least]


@kernel
def codes_of_near(labels, least, codes):
    """
    Write ``label - least`` to `codes`, uint8; labels may also be uint8, `least` is uint64.

    Returns the largest difference, and a bit set of the differences that occur. The codes are valid
    only if the largest is below 64.
    """
    seen = np.uint64(0)
    most = np.uint64(0)
    for i in range(labels.size):
        offset = np.uint64(labels[i]) - least
        most = offset if offset > most else most
        seen |= np.uint64(1) << (offset & np.uint64(63))
        codes[i] = offset
    return most, seen


@kernel(fastmath=())  # adding 0.0 must not be optimised away, since it changes -0.0
def distinct(x, limit, values, slots):
    """
    Collect distinct numbers, without NaN, until there are more than `limit` (at most 512).

    They are added to ``values[:limit]``. ``slots`` (1,025 int64, at first -1 and the last one 0) is
    a hash table of their places, followed by their number. Returns this number, or ``limit + 1`` if
    there are more.
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


@kernel
def code_few(labels, codes, levels):
    """
    Codes of a few int64 labels (at least one) in a single call.

    The labels that occur are written to `levels` in ascending order, and the place of each label
    there to `codes`, uint8. Returns how many occur. The result is 0 if there is no room in `levels`
    (at most 255), or if the labels are spread over more than 4,096 integers.
    """
    least = most = labels[0]
    for i in range(labels.size):
        least = labels[i] if labels[i] < least else least
        most = labels[i] if labels[i] > most else most
    origin = np.uint64(least)
    spread = np.uint64(most) - origin  # unsigned, as the difference may not fit into int64
    if spread >= _WIDEST:
        return 0
    places = new_zeros(spread + np.uint64(1), np.uint8)
    for i in range(labels.size):
        places[np.uint64(labels[i]) - origin] = 1
    n = 0
    for k in range(places.size):
        if places[k] > 0:
            if n == levels.size:
                return 0
            levels[n] = least + k
            places[k] = n
            n += 1
    for i in range(labels.size):
        codes[i] = places[np.uint64(labels[i]) - origin]
    return n
