"""Pairs of integers of small ranges straight to counts, without codes.

Contract: labels are uint64 (negative ones wrap, as their differences do), C-contiguous and of one
length; the spans' product, twice where `odd` is not 0, is the size of the table and below 2**32.
This is not checked, but that the labels are in the spans is.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.counting.tables import AHEAD, tally_ahead
from fastinfo.kernels.elementary.memory import new_array

_BLOCK = 320  # no power of two, as the distance of two arrays often is: they are read in step


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
