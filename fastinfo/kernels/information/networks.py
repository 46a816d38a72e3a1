"""Networks of columns by the information of their pairs."""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel

BLOCK = 16  #: rows that are compared with as many others, while both are in the cache
_PART = 64  # columns after which it is asked whether one was found


@kernel
def mark_indirect(values, start, stop, slack, out):
    """
    Mark the entries of a symmetric matrix that are the least of a triple, in some rows.

    Entry (i, j) is if there is a column `k` with ``values[i, j] + slack`` below both (i, k) and
    (j, k); NaN is below and above nothing. Those right of the diagonal are written. Since `slack`
    is not negative, neither i nor j can be `k`.
    """
    n = values.shape[0]
    for first in range(start, n, BLOCK):
        last = first + BLOCK if first + BLOCK < n else n
        for i in range(start, stop):
            a = values[i]
            for j in range(first if first > i else i + 1, last):
                b = values[j]
                limit = values[i, j] + slack
                k = 0
                found = np.int64(0)
                while k < n and found == 0:
                    end = k + _PART if k + _PART < n else n
                    for q in range(np.uint64(k), np.uint64(end)):
                        found += np.int64((a[q] > limit) & (b[q] > limit))
                    k = end
                out[i, j] = found > 0
