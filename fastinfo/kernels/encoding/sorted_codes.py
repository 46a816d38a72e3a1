"""Sort samples together with the codes of their classes.

Keys are unsigned integers with the same order as float64, as in :mod:`ordering`. So equal numbers
have equal keys, and integers that float64 can't represent can be sorted in the same way.

What the kernels expect: samples are float32 or float64, codes are uint32 and as many. Keys are
uint64, with room for as many. All are C-contiguous, with at most 2**32 samples. This is not
checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.encoding.ordering import key_of
from fastinfo.kernels.encoding.sorting import sort_by_digit

_DIGIT = 11
_NARROW = 8
_FEW = 32  # up to this many keys are sorted by insertion
_MANY = 4096  # from this many keys on, digits have 11 bits
_UPPER = 33  # keys that differ in more bits are sorted by this many upper bits
_MOVES = 4  # the most moves per key in the insertion sort that follows


@kernel(fastmath=())
def keys_with_codes(x, codes, absent, low, high, keys, classes):
    """
    Write keys and classes of the samples from `low` to `high` whose code is not `absent`.

    Returns their number, and whether one of them is infinite. NaN is in no range.
    """
    n = 0
    infinite = False
    for i in range(x.size):
        v = np.float64(x[i])
        if (v >= low) & (v <= high) & (codes[i] != absent):
            infinite |= not abs(v) < np.inf
            keys[np.uint64(n)] = key_of(v)
            classes[np.uint64(n)] = codes[i]
            n += 1
    return n, infinite


@kernel
def _finish(keys, classes, most):
    """Sort nearly sorted keys by insertion; return whether this took at most `most` moves."""
    for i in range(1, keys.size):
        key = keys[np.uint64(i)]
        j = np.uint64(i)
        if keys[j - np.uint64(1)] > key:
            code = classes[j]
            while j > np.uint64(0) and keys[j - np.uint64(1)] > key:
                keys[j] = keys[j - np.uint64(1)]
                classes[j] = classes[j - np.uint64(1)]
                j -= np.uint64(1)
            keys[j] = key
            classes[j] = code
            most -= i - np.int64(j)
            if most < 0:
                return False
    return True


@kernel
def _sort_bits(keys, classes, more_keys, more_classes, first, last, digit, moved):
    """Sort by the bits from `first` to `last`; return whether the other arrays hold the keys."""
    for shift in range(first, last, digit):
        bits = min(digit, 64 - shift)
        if moved:
            sort_by_digit(more_keys, more_classes, shift, bits, keys, classes)
        else:
            sort_by_digit(keys, classes, shift, bits, more_keys, more_classes)
        moved = not moved
    return moved


@kernel
def sort_with_codes(keys, classes, more_keys, more_classes):
    """
    Sort keys with their classes; return whether the result is in the additional arrays.

    This is a radix sort, least significant digit first. If keys differ in many bits, they are
    sorted by the upper bits only. This leaves few of them out of order. If it leaves many, they are
    sorted by all bits.
    """
    n = keys.size
    differing = np.uint64(0)
    for i in range(n):
        differing |= keys[i] ^ keys[0]
    last = 0
    while last < 64 and differing >> np.uint64(last):
        last += 1
    if n <= _FEW:
        _finish(keys, classes, np.int64(n * n))
        return False
    digit = _DIGIT if n >= _MANY else _NARROW
    first = max(last - _UPPER, 0)
    moved = _sort_bits(keys, classes, more_keys, more_classes, first, last, digit, False)
    if first == 0:
        return moved
    if moved:
        done = _finish(more_keys, more_classes, np.int64(_MOVES * n))
    else:
        done = _finish(keys, classes, np.int64(_MOVES * n))
    if done:
        return moved
    return _sort_bits(keys, classes, more_keys, more_classes, 0, last, digit, moved)
