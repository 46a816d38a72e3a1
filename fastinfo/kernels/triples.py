"""The tables of many columns against two others at once, to conditional and joint information.

The two others, ``w`` and ``y``, are one column of codes ``w * n_y + y``. Counts, layouts and
scratch are those of :mod:`fastinfo.kernels.pair_tables`; results are in nats, one number for each
column, NaN where no row is complete.
"""

from __future__ import annotations

import numpy as np

from fastinfo._jit import kernel
from fastinfo.kernels.pair_tables import open_table
from fastinfo.kernels.scalar import log64

__all__ = ["conditional_informations", "joint_entropies", "joint_informations"]


@kernel(inline=True)
def _open(counts, x, y, i, scratch):  # type: ignore[no-untyped-def]
    """Table of one column, its margin over the column, and the number of samples."""
    p = (x[i, 0], x[i, 1], x[i, 2])
    q = (y[0, 0], y[0, 1], y[0, 2])
    table = scratch[0, : p[2] * q[2]].reshape((p[2], q[2]))
    n = open_table(counts, p, q, table, scratch[1, : p[2]], scratch[2, : q[2]])
    return table, scratch[2, : q[2]], n


@kernel
def conditional_informations(counts, x, y, n_y, scratch, out):  # type: ignore[no-untyped-def]
    """``I(x; y | w) = sum(p(x, y, w) log(p(x, y, w) p(w) / (p(x, w) p(y, w))))``."""
    for i in range(x.shape[0]):
        table, pairs, n = _open(counts, x, y, i, scratch)
        s = 0.0
        for first in range(0, pairs.size, n_y):
            others = pairs[first : first + n_y]
            w = 0.0
            for k in range(n_y):
                w += others[k]
            for a in range(table.shape[0]):
                row = table[a, first : first + n_y]
                xw = 0.0
                for k in range(n_y):
                    xw += row[k]
                for k in range(n_y):
                    c = row[k]
                    s += c * log64((c * w) / (xw * others[k])) if c > 0.0 else 0.0
        out[i] = max(s / n, 0.0) if n > 0.0 else np.nan


@kernel
def joint_informations(counts, x, y, n_y, scratch, out):  # type: ignore[no-untyped-def]
    """``I(x, w; y) = sum(p(x, w, y) log(p(x, w, y) / (p(x, w) p(y))))``."""
    margin = np.empty(n_y)
    for i in range(x.shape[0]):
        table, pairs, n = _open(counts, x, y, i, scratch)
        for k in range(n_y):
            margin[k] = 0.0
        for first in range(0, pairs.size, n_y):
            for k in range(n_y):
                margin[k] += pairs[first + k]
        s = 0.0
        for a in range(table.shape[0]):
            for first in range(0, pairs.size, n_y):
                row = table[a, first : first + n_y]
                xw = 0.0
                for k in range(n_y):
                    xw += row[k]
                for k in range(n_y):
                    c = row[k]
                    s += c * log64((c * n) / (xw * margin[k])) if c > 0.0 else 0.0
        out[i] = max(s / n, 0.0) if n > 0.0 else np.nan


@kernel
def joint_entropies(counts, x, y, n_y, scratch, out):  # type: ignore[no-untyped-def]
    """``H(x, w, y)``."""
    for i in range(x.shape[0]):
        table, _, n = _open(counts, x, y, i, scratch)
        s = 0.0
        for a in range(table.shape[0]):
            row = table[a]
            for k in range(row.size):
                p = row[k] / n
                s -= p * log64(p) if p > 0.0 else 0.0
        out[i] = max(s, 0.0) if n > 0.0 else np.nan
