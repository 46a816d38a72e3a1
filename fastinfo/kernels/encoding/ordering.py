"""Sort numbers, and find the place that each number had.

The sort is a radix sort of the bits of float64, least significant digit first. So equal numbers
keep their order, and the cost per number does not grow with the number of numbers.

What the kernels expect: at most 2**32 float64 numbers without NaN. All arrays are C-contiguous.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import new_array, new_matrix
from fastinfo.kernels.encoding.sorting import sort_by_digit

_SIGN = np.int64(63)
_TOP = np.uint64(1 << 63)
_DIGIT = 11
_SMALL = 2048


@kernel(inline=True, fastmath=())
def key_of(x):
    """An unsigned integer with the same order as the float64; both zeros have the same key."""
    bits = np.float64(x + 0.0).view(np.int64)
    return np.uint64(bits ^ ((bits >> _SIGN) & np.int64(0x7FFFFFFFFFFFFFFF))) ^ _TOP


@kernel(fastmath=())
def _write_keys(x, keys, places):
    """Write keys and places; return the bits in which keys differ."""
    ones = np.uint64(0)
    first = key_of(x[0]) if x.size else np.uint64(0)
    for i in range(x.size):
        key = key_of(x[i])
        keys[i] = key
        places[i] = np.uint32(i)
        ones |= key ^ first
    return ones


@kernel
def order_into(x, places, work, more_places):
    """
    Write the places of the numbers in ascending order to `places`; ties keep their order.

    `work` is uint64 (2, n), `more_places` is uint32 (n,).
    """
    a, b = work[0], work[1]
    p, q = places, more_places
    differing = _write_keys(x, a, p)
    swapped = False
    for shift in range(0, 64, _DIGIT):
        bits = min(_DIGIT, 64 - shift)
        if (differing >> np.uint64(shift)) & np.uint64((1 << bits) - 1):
            sort_by_digit(a, p, shift, bits, b, q)
            a, b = b, a
            p, q = q, p
            swapped = not swapped
    if swapped:
        for i in range(x.size):
            places[i] = more_places[i]


@kernel
def order(x):
    """Places of the numbers in ascending order (uint32); ties keep their order."""
    n = x.size
    places = new_array(n, np.uint32)
    if n <= _SMALL:
        found = np.argsort(x, kind="mergesort")
        for i in range(n):
            places[i] = np.uint32(found[i])
        return places
    work = new_matrix(2, n, np.uint64)
    spare = new_array(n, np.uint32)
    order_into(x, places, work, spare)
    return places


@kernel
def ranks_of(places, ranks):
    """Write the rank of each number, given the places of the numbers in ascending order."""
    for r in range(places.size):
        ranks[np.uint64(places[r])] = np.uint32(r)
