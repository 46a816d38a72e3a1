"""Distinct values and codes of the columns of a sparse matrix that have few of them.

The stored samples of column i are ``values[starts[i]:starts[i + 1]]``. All others equal the fill
value. NaN is missing.

What the kernels expect: starts increase and lie within the values. There is room for `most` levels
of each column, and codes can hold ``most + 1`` values. This is not checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel


@kernel(inline=True)
def _place_of(levels, first, size, value):
    """Place of a value among ascending levels, or of the first level above it."""
    low = np.int64(0)
    high = size
    while low < high:
        middle = (low + high) >> 1
        if levels[np.uint64(first + middle)] < value:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def few_levels(starts, values, n_rows, fill, most, levels, sizes):
    """Distinct values of each column in ascending order, and their number; -1 if too many."""
    for i in range(starts.size - 1):
        first = i * most
        size = np.int64(0)
        if starts[i + 1] - starts[i] < n_rows and fill == fill:
            levels[np.uint64(first)] = fill
            size = np.int64(1)
        last = np.nan
        for k in range(np.uint64(starts[i]), np.uint64(starts[i + 1])):
            value = values[k]
            if value == last or value != value:
                continue
            last = value
            place = _place_of(levels, first, size, value)
            if place < size and levels[np.uint64(first + place)] == value:
                continue
            if size == most:
                size = np.int64(-1)
                break
            for j in range(size, place, -1):
                levels[np.uint64(first + j)] = levels[np.uint64(first + j - 1)]
            levels[np.uint64(first + place)] = value
            size += 1
        sizes[i] = size


@kernel
def codes_of_levels(starts, values, n_rows, fill, most, levels, sizes, codes, usual, missing):
    """
    Codes of the stored samples and of the fill value, and the number of missing samples.

    The code of a missing sample is the number of levels. Columns with too many levels are left
    unchanged.
    """
    for i in range(starts.size - 1):
        size = sizes[i]
        if size < 0:
            continue
        first = i * most
        n_missing = np.int64(0)
        usual[i] = size
        if fill == fill:
            usual[i] = _place_of(levels, first, size, fill)
        else:
            n_missing = n_rows - (starts[i + 1] - starts[i])
        last = np.nan
        code = size
        for k in range(np.uint64(starts[i]), np.uint64(starts[i + 1])):
            value = values[k]
            if value != value:
                codes[k] = size
                n_missing += 1
                continue
            if value != last:
                last = value
                code = _place_of(levels, first, size, value)
            codes[k] = code
        missing[i] = n_missing
