"""Count pairs of integers of small ranges without making codes.

What the kernel expects: labels are uint64 (negative ones wrap around, as do their differences),
C-contiguous and of the same length. The size of the table is the product of the spans, or twice
that if `odd` is not 0, and below 2**32. This is not checked, but it is checked that the labels lie
in the spans.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.counting.tables import AHEAD, tally_ahead
from fastinfo.kernels.elementary.memory import new_array

# Not a power of two: two arrays are read in parallel, and their distance often is a power of two.
_BLOCK = 320


@kernel
def count_integer_pairs(x, y, x_least, x_span, y_least, y_span, odd, table):
    """
    Count pairs of integers in a flat table; return whether all of them lie inside it.

    The cell of a pair is ``(x - x_least) * y_span + (y - y_least)``. Every other sample is counted
    `odd` cells further on, so that equal pairs in a row do not have to wait for each other.
    Counting stops at the first block with a label outside the spans.
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
