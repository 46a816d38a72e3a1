"""Expected information by chance of the tables of many pairs of columns, for sums of weights.

Counts, layouts and scratch are those of :mod:`fastinfo.kernels.information.pair_tables`. `units` is
(columns, columns): the weight of one effective sample of each pair, ``sum(w**2) / sum(w)`` over its
complete rows. For independent variables, ``n I`` of the effective samples has the mean of its
chi-squared distribution, which is half of the degrees of freedom.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import new_array
from fastinfo.kernels.elementary.scalar import xlogx
from fastinfo.kernels.information.expected import expected_of_margins
from fastinfo.kernels.information.pair_tables import open_table
from fastinfo.kernels.information.plug_in import entropy_from_counts

_ROUNDED = 1e-9  # rounding error of a count of effective samples with equal weights
_NOUGHT = 1e-9


@kernel
def make_effective(cells, nx, ny, unit):
    """Convert weights to effective samples in place; return whether those are whole numbers."""
    whole = True
    for k in range(nx * ny):
        cells[k] /= unit
        c = cells[k]
        whole = whole and abs(c - np.rint(c)) <= min(_ROUNDED * c, 1e-6)
    if whole:
        for k in range(nx * ny):
            cells[k] = np.rint(cells[k])
    return whole


@kernel
def effective_tables(counts, x, y, same, units):
    """Convert the weights of all pairs to effective samples in place; are all whole numbers."""
    whole = True
    for i in range(x.shape[0]):
        for j in range(i if same else 0, y.shape[0]):
            if not units[i, j] > 0.0:
                continue
            table = counts[x[i, 0] : x[i, 0] + x[i, 1], y[j, 0] : y[j, 0] + y[j, 1]]
            own = True
            for a in range(x[i, 1]):
                for b in range(y[j, 1]):
                    c = table[a, b] / units[i, j]
                    table[a, b] = c
                    own = own and abs(c - np.rint(c)) <= min(_ROUNDED * c, 1e-6)
            if own:
                for a in range(x[i, 1]):
                    for b in range(y[j, 1]):
                        table[a, b] = np.rint(table[a, b])
            whole = whole and own
    return whole


@kernel(inline=True)
def _chance(cells, nx, ny, whole, x_counts, y_counts, sizes):
    """Expected information of one table of effective samples; NaN if it equals the table's own."""
    n = 0.0
    squares = 0.0
    occupied = 0.0
    for b in range(ny):
        y_counts[b] = 0.0
    for a in range(nx):
        total = 0.0
        for b in range(ny):
            c = cells[a * ny + b]
            total += c
            y_counts[b] += c
            squares += c * c
            occupied += 1.0 if c > 0.0 else 0.0
        x_counts[a] = total
        n += total
    rows = 0.0
    columns = 0.0
    for a in range(nx):
        rows += 1.0 if x_counts[a] > 0.0 else 0.0
    for b in range(ny):
        columns += 1.0 if y_counts[b] > 0.0 else 0.0
    if min(rows, columns) <= 1.0:
        return np.nan
    if whole:
        return expected_of_margins(x_counts[:nx], y_counts[:ny], n, sizes)
    # With one sample in each cell, cells and samples have the same sum of squared weights.
    if abs(squares - n) <= _NOUGHT * n and max(rows, columns) == occupied:
        return np.nan
    least = min(entropy_from_counts(x_counts[:nx]), entropy_from_counts(y_counts[:ny]))
    return min((rows - 1.0) * (columns - 1.0) / (2.0 * n), least)


@kernel
def weighted_chances(counts, x, y, same, units, scratch, sizes, informations, out):
    """
    Expected information of each pair by chance.

    It equals the value in `informations` if no other information is possible. `sizes` has four rows
    as long as the largest margin.
    """
    for i in range(x.shape[0]):
        nx = x[i, 2]
        for j in range(i if same else 0, y.shape[0]):
            ny = y[j, 2]
            n = open_table(counts, x, i, y, j, scratch[0], scratch[1], scratch[2])
            out[i, j] = informations[i, j]
            if n > 0.0:
                whole = make_effective(scratch[0], nx, ny, units[i, j])
                found = _chance(scratch[0], nx, ny, whole, scratch[1], scratch[2], sizes)
                out[i, j] = informations[i, j] if np.isnan(found) else found


@kernel
def weighted_joint_chances(counts, x, y, n_y, units, scratch, sizes, informations, out):
    """Expected ``I(x, w; y)`` by chance; the column of `y` holds ``w * n_y + y``."""
    margin = new_array(n_y, np.float64)
    for i in range(x.shape[0]):
        n = open_table(counts, x, i, y, np.int64(0), scratch[0], scratch[1], scratch[2])
        out[i] = informations[i]
        if n > 0.0:
            rows = x[i, 2] * y[0, 2] // n_y
            whole = make_effective(scratch[0], rows, n_y, units[i, 0])
            found = _chance(scratch[0], rows, n_y, whole, scratch[1], margin, sizes)
            out[i] = informations[i] if np.isnan(found) else found


@kernel
def weighted_conditional_chances(counts, x, y, n_y, units, scratch, out):
    """Expected ``I(x; y | w)`` by chance, at most the entropies given w."""
    cells = scratch[0]
    pairs = scratch[2]
    n_pairs = y[0, 2]
    for i in range(x.shape[0]):
        n = open_table(counts, x, i, y, np.int64(0), cells, scratch[1], pairs)
        dof = 0.0
        hw = 0.0
        hxw = 0.0
        hyw = 0.0
        for first in range(0, n_pairs, n_y):
            w = 0.0
            columns = 0.0
            for k in range(n_y):
                p = pairs[first + k] / n
                w += p
                hyw -= xlogx(p)
                columns += 1.0 if p > 0.0 else 0.0
            rows = 0.0
            for at in range(first, x[i, 2] * n_pairs, n_pairs):
                p = 0.0
                for k in range(n_y):
                    p += cells[at + k]
                p /= n
                hxw -= xlogx(p)
                rows += 1.0 if p > 0.0 else 0.0
            hw -= xlogx(w)
            dof += (rows - 1.0) * (columns - 1.0) if rows > 0.0 else 0.0
        most = min(hxw - hw, hyw - hw)
        found = min(0.5 * dof * units[i, 0] / n, most)
        out[i] = (found if found > 0.0 else 0.0) if n > 0.0 else np.nan
