"""Codes of rows in another order, and the information of a table whose margins are known."""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.scalar import log64, lost_in_sum


@kernel
def take(codes, order, out):
    """Write the codes of the rows in another order (uint32)."""
    for i in range(np.uint64(order.size)):
        out[i] = codes[np.uint64(order[i])]


@kernel
def sum_given(counts, n_y, w_counts, pair_counts):
    """
    Number of rows times the plug-in ``I(x; y | w)`` in nats; never negative.

    `counts` (int64) has a row for each x and a column for each pair ``w * n_y + y``. `pair_counts`
    (float64) has the count of each pair, and `w_counts` that of each w. Nothing is checked.
    """
    cells = counts.reshape(counts.size)
    s = 0.0
    error = 0.0  # compensated, so that rounding can't hide ties
    at = np.uint64(0)
    levels = np.uint64(n_y)
    for _ in range(counts.shape[0]):
        pair = np.uint64(0)
        for w in range(np.uint64(w_counts.size)):
            xw = 0.0
            for b in range(levels):
                xw += np.float64(cells[at + b])
            for b in range(levels):
                c = np.float64(cells[at + b])
                if c > 0.0:
                    # Equal products are rounded equally: independent counts give 0.
                    term = c * log64((c * w_counts[w]) / (xw * pair_counts[pair + b]))
                    error += lost_in_sum(s, term)
                    s += term
            at += levels
            pair += levels
    return s + error if s + error > 0.0 else 0.0
