"""Columns of a matrix whose rows lie together: their ranges, and whole numbers turned to bytes.

Contract: matrices are two-dimensional, of real numbers; `least` and what a whole number exceeds it
by fit the output; this is not checked.
"""

from __future__ import annotations

from fastinfo._core.jit import kernel


@kernel
def column_ranges(a, low, high, n):
    """
    Smallest and largest sample of each column that is not NaN, and how many are not.

    `low` and `high`, of the dtype of the matrix, and the int64 `n` are updated: begin with the
    largest, the smallest number and 0.
    """
    for r in range(a.shape[0]):
        row = a[r]
        for i in range(row.size):
            v = row[i]
            low[i] = v if v < low[i] else low[i]
            high[i] = v if v > high[i] else high[i]
            n[i] += 1 if v == v else 0


@kernel
def turn_to_bytes(a, least, out):
    """Whole numbers less the `least` of their column, as uint8: columns in rows."""
    whole = a.shape[0] // 8 * 8
    for r in range(0, whole, 8):
        for i in range(a.shape[1]):
            shift = least[i]
            to = out[i, r : r + 8]
            to[0] = a[r, i] - shift
            to[1] = a[r + 1, i] - shift
            to[2] = a[r + 2, i] - shift
            to[3] = a[r + 3, i] - shift
            to[4] = a[r + 4, i] - shift
            to[5] = a[r + 5, i] - shift
            to[6] = a[r + 6, i] - shift
            to[7] = a[r + 7, i] - shift
    for r in range(whole, a.shape[0]):
        for i in range(a.shape[1]):
            out[i, r] = a[r, i] - least[i]
