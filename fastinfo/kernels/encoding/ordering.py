"""Numbers in ascending order, with the place where each stood.

A radix sort (least digit first) of the bits of float64, so that equal numbers keep their order and
the cost per number does not grow with how many there are.

Contract: numbers are float64 without NaN, at most 2**32 of them, all arrays C-contiguous.
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
    """Unsigned integer in the order of float64, the same for both zeros."""
    bits = np.float64(x + 0.0).view(np.int64)
    return np.uint64(bits ^ ((bits >> _SIGN) & np.int64(0x7FFFFFFFFFFFFFFF))) ^ _TOP


@kernel(fastmath=())
def _write_keys(x, keys, places):
    """Keys and places; returns the bits in which the keys differ."""
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
    Places of the numbers in ascending order, to `places`; ties stay in the order they had.

    `work` is uint64 (2, n), `more_places` uint32 (n,).
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
    """Places of the numbers in ascending order (uint32); ties stay in the order they had."""
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
    """The rank of each number, from the places of the numbers in order: the inverse."""
    for r in range(places.size):
        ranks[np.uint64(places[r])] = np.uint32(r)
