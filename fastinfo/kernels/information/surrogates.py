"""Information of codes of which one variable's rows come in another order."""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.scalar import log64, lost_in_sum


@kernel
def reordered_sum(x, order, others, n_y, w_counts, other_counts, counts):
    """
    Number of rows times ``I(x[order]; y | w)``, plug-in, in nats; never negative.

    Contract: `x` and `others` are uint32 codes; those of `others` are ``w * n_y + y``, which occur
    as often as `other_counts` (float64) says, and each w as `w_counts`. `counts` is int64 scratch,
    ``(levels of x, levels of others)``. Nothing is checked.
    """
    cells = counts.reshape(counts.size)
    width = np.uint64(counts.shape[1])
    for k in range(np.uint64(cells.size)):
        cells[k] = 0
    for i in range(np.uint64(order.size)):
        cells[np.uint64(x[np.uint64(order[i])]) * width + np.uint64(others[i])] += 1
    s = 0.0
    error = 0.0  # ties are to be told whatever the rounding
    at = np.uint64(0)
    for _ in range(counts.shape[0]):
        other = np.uint64(0)
        for w in range(np.uint64(w_counts.size)):
            xw = 0.0
            for b in range(np.uint64(n_y)):
                xw += np.float64(cells[at + b])
            for b in range(np.uint64(n_y)):
                c = np.float64(cells[at + b])
                if c > 0.0:
                    # Equal products round alike: independent counts give exactly 0.
                    term = c * log64((c * w_counts[w]) / (xw * other_counts[other + b]))
                    error += lost_in_sum(s, term)
                    s += term
            at += np.uint64(n_y)
            other += np.uint64(n_y)
    return s + error if s + error > 0.0 else 0.0
