"""Sum the weights of many pairs of columns, in the same tables as counts.

The requirements are those of :mod:`fastinfo.kernels.counting.packing`. Weights are float64, one for
each row. They are added in the order of the rows, as by :func:`numpy.bincount`.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel

_BLOCK = 4096  # rows whose weights stay in the first-level cache for all pairs of columns


@kernel
def add_weights(x_codes, x_rows, x, y_codes, y_rows, y, same, first, last, weights, out):
    """
    Add the weights of all pairs of levels to `out`, for columns `first` to `last` of `x`.

    Columns are the rows `x_rows` and `y_rows` of the codes. If both sides are the `same`, each pair
    is counted once.
    """
    for start in range(0, weights.size, _BLOCK):
        part = weights[start : start + _BLOCK]
        for i in range(first, last):
            a = x_codes[np.uint64(x_rows[i]), start : start + _BLOCK]
            rows = out[x[i, 0] : x[i, 0] + x[i, 1]]
            for j in range(i if same else 0, y_rows.size):
                b = y_codes[np.uint64(y_rows[j]), start : start + _BLOCK]
                begin = np.uint64(y[j, 0])
                if x[i, 2] > x[i, 1] or y[j, 2] > y[j, 1]:
                    for r in range(part.size):
                        k = np.uint64(r)
                        if a[k] < x[i, 1] and b[k] < y[j, 1]:
                            rows[np.uint64(a[k]), begin + np.uint64(b[k])] += part[k]
                    continue
                for r in range(part.size):
                    k = np.uint64(r)
                    rows[np.uint64(a[k]), begin + np.uint64(b[k])] += part[k]
