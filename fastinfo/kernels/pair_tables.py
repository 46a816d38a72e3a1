"""The tables of many pairs of columns to entropies and mutual information, in nats.

All tables of a set of columns against another lie in one matrix of counts: the rows of a column
from its first one on, one for each level that is stored. A column that is never missing may leave
out its last level, which is what the others leave of the number of rows; the last row and the last
column of the matrix then are over all rows.

Contract: `x` and `y` are (columns, 3), int64: first row or column, levels stored, levels. `scratch`
is float64, one row for the cells and two for the margins of the largest table. Results are
(columns, columns); with `same`, those below the diagonal are not written. A pair without a sample
gives NaN.
"""

from __future__ import annotations

import numpy as np

from fastinfo._jit import kernel
from fastinfo.kernels import corrections
from fastinfo.kernels.information import entropy_from_counts, mutual_information

__all__ = [
    "chao_shen_entropies",
    "dirichlet_entropies",
    "entropies",
    "grassberger_entropies",
    "informations",
    "jackknife_entropies",
    "miller_madow_entropies",
    "mirror",
    "open_table",
    "shrinkage_entropies",
    "zhang_entropies",
]


@kernel
def mirror(counts, x):  # type: ignore[no-untyped-def]
    """Fill what is asked of below the diagonal: each column against itself, and the last row."""
    last = counts.shape[0] - 1
    for b in range(last):
        counts[last, b] = counts[b, last]
    for k in range(x.shape[0]):
        first = x[k, 0]
        for a in range(first, first + x[k, 1]):
            for b in range(first, a):
                counts[a, b] = counts[b, a]


@kernel
def open_table(counts, x, y, table, x_counts, y_counts):  # type: ignore[no-untyped-def]
    """Table of one pair, and its margins; the number of samples."""
    i, nx, x_levels = x
    j, ny, y_levels = y
    last_row = counts.shape[0] - 1
    last_column = counts.shape[1] - 1
    for b in range(y_levels):
        y_counts[b] = 0.0
    for a in range(x_levels):
        row = table[a]
        total = 0.0
        if a < nx:
            whole = counts[i + a, last_column]
            for b in range(ny):
                row[b] = counts[i + a, j + b]
                total += row[b]
        else:
            whole = counts[last_row, last_column]
            for b in range(ny):
                row[b] = counts[last_row, j + b] - y_counts[b]
                total += row[b]
            if ny < y_levels:
                whole -= np.int64(y_counts[ny])
                for k in range(nx):
                    for b in range(ny):
                        whole -= np.int64(table[k, b])
        if ny < y_levels:
            row[ny] = whole - total
            total += row[ny]
        for b in range(y_levels):
            y_counts[b] += row[b]
        x_counts[a] = total
    n = 0.0
    for a in range(x_levels):
        n += x_counts[a]
    return n


@kernel(inline=True)
def _views(scratch, x, y):  # type: ignore[no-untyped-def]
    """Parts of the scratch for a pair."""
    table = scratch[0, : x[2] * y[2]].reshape((x[2], y[2]))
    return table, scratch[1, : x[2]], scratch[2, : y[2]]


@kernel
def informations(counts, x, y, same, scratch, out):  # type: ignore[no-untyped-def]
    """Plug-in mutual information of each pair."""
    for i in range(x.shape[0]):
        for j in range(i if same else 0, y.shape[0]):
            p = (x[i, 0], x[i, 1], x[i, 2])
            q = (y[j, 0], y[j, 1], y[j, 2])
            table, x_counts, y_counts = _views(scratch, p, q)
            n = open_table(counts, p, q, table, x_counts, y_counts)
            out[i, j] = mutual_information(table, x_counts, y_counts) if n > 0.0 else np.nan


@kernel(inline=True)
def _entropies(estimate, counts, x, y, x_cells, y_cells, pseudo, same, scratch, out):  # type: ignore[no-untyped-def]
    for i in range(x.shape[0]):
        for j in range(i if same else 0, y.shape[0]):
            p = (x[i, 0], x[i, 1], x[i, 2])
            q = (y[j, 0], y[j, 1], y[j, 2])
            table, x_counts, y_counts = _views(scratch, p, q)
            if open_table(counts, p, q, table, x_counts, y_counts) > 0.0:
                cells = x_cells[i] * y_cells[j]
                out[i, j, 0] = estimate(x_counts, x_cells[i], pseudo)
                out[i, j, 1] = estimate(y_counts, y_cells[j], pseudo)
                out[i, j, 2] = estimate(scratch[0, : p[2] * q[2]], cells, pseudo)
            else:
                out[i, j] = np.nan


@kernel(inline=True)
def _plug_in(counts, n_cells, pseudo):  # type: ignore[no-untyped-def]
    return entropy_from_counts(counts)


@kernel(inline=True)
def _miller_madow(counts, n_cells, pseudo):  # type: ignore[no-untyped-def]
    return corrections.entropy_miller_madow(counts)


@kernel(inline=True)
def _jackknife(counts, n_cells, pseudo):  # type: ignore[no-untyped-def]
    return corrections.entropy_jackknife(counts)


@kernel(inline=True)
def _grassberger(counts, n_cells, pseudo):  # type: ignore[no-untyped-def]
    return corrections.entropy_grassberger(counts)


@kernel(inline=True)
def _chao_shen(counts, n_cells, pseudo):  # type: ignore[no-untyped-def]
    return corrections.entropy_chao_shen(counts)


@kernel(inline=True)
def _zhang(counts, n_cells, pseudo):  # type: ignore[no-untyped-def]
    return corrections.entropy_zhang(counts)


@kernel(inline=True)
def _shrinkage(counts, n_cells, pseudo):  # type: ignore[no-untyped-def]
    return corrections.entropy_shrinkage(counts, n_cells)


@kernel(inline=True)
def _dirichlet(counts, n_cells, pseudo):  # type: ignore[no-untyped-def]
    return corrections.entropy_dirichlet(counts, pseudo, n_cells)


@kernel
def entropies(counts, x, y, x_cells, y_cells, pseudo, same, scratch, out):  # type: ignore[no-untyped-def]
    """H(X), H(Y) and H(X, Y) of each pair, plug-in."""
    _entropies(_plug_in, counts, x, y, x_cells, y_cells, pseudo, same, scratch, out)


@kernel
def miller_madow_entropies(counts, x, y, x_cells, y_cells, pseudo, same, scratch, out):  # type: ignore[no-untyped-def]
    """The same by Miller and Madow."""
    _entropies(_miller_madow, counts, x, y, x_cells, y_cells, pseudo, same, scratch, out)


@kernel
def jackknife_entropies(counts, x, y, x_cells, y_cells, pseudo, same, scratch, out):  # type: ignore[no-untyped-def]
    """The same by the jackknife."""
    _entropies(_jackknife, counts, x, y, x_cells, y_cells, pseudo, same, scratch, out)


@kernel
def grassberger_entropies(counts, x, y, x_cells, y_cells, pseudo, same, scratch, out):  # type: ignore[no-untyped-def]
    """The same by Grassberger."""
    _entropies(_grassberger, counts, x, y, x_cells, y_cells, pseudo, same, scratch, out)


@kernel
def chao_shen_entropies(counts, x, y, x_cells, y_cells, pseudo, same, scratch, out):  # type: ignore[no-untyped-def]
    """The same by Chao and Shen."""
    _entropies(_chao_shen, counts, x, y, x_cells, y_cells, pseudo, same, scratch, out)


@kernel
def zhang_entropies(counts, x, y, x_cells, y_cells, pseudo, same, scratch, out):  # type: ignore[no-untyped-def]
    """The same by Zhang."""
    _entropies(_zhang, counts, x, y, x_cells, y_cells, pseudo, same, scratch, out)


@kernel
def shrinkage_entropies(counts, x, y, x_cells, y_cells, pseudo, same, scratch, out):  # type: ignore[no-untyped-def]
    """The same by shrinkage towards equal cells."""
    _entropies(_shrinkage, counts, x, y, x_cells, y_cells, pseudo, same, scratch, out)


@kernel
def dirichlet_entropies(counts, x, y, x_cells, y_cells, pseudo, same, scratch, out):  # type: ignore[no-untyped-def]
    """The same with a pseudo-count in each cell."""
    _entropies(_dirichlet, counts, x, y, x_cells, y_cells, pseudo, same, scratch, out)
