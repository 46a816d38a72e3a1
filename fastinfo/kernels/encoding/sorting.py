"""Radix sort of keys, least significant digit first, and runs of equal keys.

What the kernels expect: keys are uint64, places uint32, all C-contiguous. Outputs are as long as
the keys, or as the number of distinct keys, and all arrays are different. This is not checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import new_array, new_zeros

_FEW = 24
_WIDE_DIGITS = 4096  # from this many keys on, digits have 11 bits


@kernel
def sort_by_digit(keys, places, shift, bits, new_keys, new_places):
    """Sort keys and places by `bits` bits from bit `shift` on; the sort is stable."""
    starts = new_zeros(1 << bits, np.uint64)
    mask = np.uint64(starts.size - 1)
    low = np.uint64(shift)
    for i in range(keys.size):
        starts[(keys[i] >> low) & mask] += np.uint64(1)
    total = np.uint64(0)
    for d in range(starts.size):
        count = starts[d]
        starts[d] = total
        total += count
    for i in range(keys.size):
        digit = (keys[i] >> low) & mask
        place = starts[digit]
        starts[digit] = place + np.uint64(1)
        new_keys[place] = keys[i]
        new_places[place] = places[i]


@kernel
def sort_keys(keys):
    """New arrays of the keys in ascending order and of the places they had; stable."""
    n = keys.size
    a = new_array(n, np.uint64)
    p = new_array(n, np.uint32)
    differing = np.uint64(0)
    for i in range(n):
        a[i] = keys[i]
        p[i] = np.uint32(i)
        differing |= keys[i] ^ keys[0]
    if n <= _FEW:
        for i in range(1, n):
            k = a[i]
            j = i
            while j > 0 and a[j - 1] > k:
                a[j] = a[j - 1]
                p[j] = p[j - 1]
                j -= 1
            a[j] = k
            p[j] = np.uint32(i)
        return a, p
    b = new_array(n, np.uint64)
    q = new_array(n, np.uint32)
    digit = 11 if n >= _WIDE_DIGITS else 8
    for shift in range(0, 64, digit):
        bits = digit if digit < 64 - shift else 64 - shift
        if (differing >> np.uint64(shift)) & np.uint64((1 << bits) - 1):
            sort_by_digit(a, p, shift, bits, b, q)
            a, b = b, a
            p, q = q, p
    return a, p


@kernel
def number_runs(keys, places, distinct, out):
    """
    Number the runs of equal sorted keys from 0, and write the number to each key's place.

    The key of each run goes to `distinct`. Returns the number of runs.
    """
    n = 0
    for i in range(keys.size):
        if i == 0 or keys[i] != keys[i - 1]:
            distinct[n] = keys[i]
            n += 1
        out[places[i]] = np.uint32(n - 1)
    return n


@kernel
def count_runs(keys, width, rows, columns, counts):
    """Split sorted keys ``row * width + column`` and count equal ones; return their number."""
    if keys.size == 0:
        return 0
    n = 0
    start = 0
    last = keys[0]
    row = last // width
    for i in range(1, keys.size + 1):
        if i == keys.size or keys[i] != last:
            if last - row * width >= width:
                row = last // width
            rows[n] = np.uint32(row)
            columns[n] = np.uint32(last - row * width)
            counts[n] = i - start
            n += 1
            start = i
            if i < keys.size:
                last = keys[i]
    return n
