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

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.scalar import log64
from fastinfo.kernels.information import corrections
from fastinfo.kernels.information.expected import expected_of_margins
from fastinfo.kernels.information.plug_in import entropy_from_counts, mutual_information


@kernel
def mirror(counts, x):
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
def open_table(counts, x, y, table, x_counts, y_counts):
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
def _views(scratch, x, y):
    """Parts of the scratch for a pair."""
    table = scratch[0, : x[2] * y[2]].reshape((x[2], y[2]))
    return table, scratch[1, : x[2]], scratch[2, : y[2]]


@kernel
def informations(counts, x, y, same, scratch, out):
    """Plug-in mutual information of each pair."""
    for i in range(x.shape[0]):
        for j in range(i if same else 0, y.shape[0]):
            p = (x[i, 0], x[i, 1], x[i, 2])
            q = (y[j, 0], y[j, 1], y[j, 2])
            table, x_counts, y_counts = _views(scratch, p, q)
            n = open_table(counts, p, q, table, x_counts, y_counts)
            out[i, j] = mutual_information(table, x_counts, y_counts) if n > 0.0 else np.nan


@kernel
def expected_informations(counts, x, y, same, scratch, sizes, informations, out):
    """What chance would give each pair; what is in `informations` where nothing else can be."""
    for i in range(x.shape[0]):
        for j in range(i if same else 0, y.shape[0]):
            p = (x[i, 0], x[i, 1], x[i, 2])
            q = (y[j, 0], y[j, 1], y[j, 2])
            table, x_counts, y_counts = _views(scratch, p, q)
            n = open_table(counts, p, q, table, x_counts, y_counts)
            found = expected_of_margins(x_counts, y_counts, n, sizes) if n > 0.0 else np.nan
            out[i, j] = informations[i, j] if np.isnan(found) else found


@kernel
def open_margins(stored, x, n, out):
    """Counts of all levels of complete columns, from those of the levels that are stored."""
    k = 0
    for i in range(x.shape[0]):
        rest = np.int64(n)
        for a in range(x[i, 0], x[i, 0] + x[i, 1]):
            out[k] = stored[a]
            rest -= stored[a]
            k += 1
        if x[i, 1] < x[i, 2]:
            out[k] = rest
            k += 1


@kernel(inline=True)
def _lie_together(y):
    """Whether every level of the columns is stored, and nothing else between them."""
    together = True
    for j in range(y.shape[0]):
        if y[j, 1] < y[j, 2] or (j > 0 and y[j, 0] > y[j - 1, 0] + y[j - 1, 1]):
            together = False
    return together


@kernel(inline=True)
def _open_row(row, y, start, together, margin, out):
    """One level, of `margin` samples, against all levels of the columns of `y` from `start` on."""
    k = 0
    if together:
        part = row[y[start, 0] : y[start, 0] + out.size]
        for k in range(out.size):
            out[k] = part[k]
        return
    for j in range(start, y.shape[0]):
        total = 0.0
        for b in range(y[j, 0], y[j, 0] + y[j, 1]):
            c = np.float64(row[b])
            out[k] = c
            total += c
            k += 1
        if y[j, 1] < y[j, 2]:
            out[k] = margin - total
            k += 1


@kernel(inline=True)
def _add_terms(row, y_counts, margin, n, terms):
    for k in range(terms.size):
        c = row[k]
        # Equal products round alike: independent counts give exactly 0.
        terms[k] += c * log64((c * n) / (margin * y_counts[k])) if c > 0.0 else 0.0


@kernel
def complete_informations(counts, x, y, same, x_counts, y_counts, n, scratch, out):
    """
    Plug-in mutual information of each pair, where none of the `n` samples is missing.

    A level of `x` meets all levels of all columns of `y` in one loop. `x_counts` and `y_counts` are
    the counts of all levels, `scratch` has a row for each level of a column of `x` and one more.
    """
    place = 0
    skipped = 0
    together = _lie_together(y)
    for i in range(x.shape[0]):
        first, stored, levels = x[i]
        start = i if same else 0
        margins = y_counts[skipped:]
        terms = scratch[scratch.shape[0] - 1, skipped:]
        for k in range(terms.size):
            terms[k] = 0.0
        for a in range(levels):
            row = scratch[a, skipped:]
            if a < stored:
                _open_row(counts[first + a], y, start, together, x_counts[place + a], row)
            else:
                for k in range(row.size):
                    row[k] = margins[k]
                for other in range(stored):
                    above = scratch[other, skipped:]
                    for k in range(row.size):
                        row[k] -= above[k]
            if x_counts[place + a] > 0.0:
                _add_terms(row, margins, x_counts[place + a], n, terms)
        place += levels
        k = 0
        for j in range(start, y.shape[0]):
            s = 0.0
            for _ in range(y[j, 2]):
                s += terms[k]
                k += 1
            out[i, j] = max(s / n, 0.0)
        if same:
            skipped += levels


@kernel(inline=True)
def _open_pair(counts, x, y, i, j, same, scratch):
    """Cells and margins of one pair, and the number of samples."""
    p = (x[i, 0], x[i, 1], x[i, 2])
    q = (y[j, 0], y[j, 1], y[j, 2])
    table, x_counts, y_counts = _views(scratch, p, q)
    n = open_table(counts, p, q, table, x_counts, y_counts)
    if same and i == j:  # one variable: the table is its counts, and nothing else
        return x_counts, x_counts, x_counts[:1], n
    return scratch[0, : p[2] * q[2]], x_counts, y_counts, n


@kernel(inline=True)
def _each(estimate, counts, x, y, same, scratch, out):
    """``estimate(counts)`` of both variables of each pair, and of the pair."""
    for i in range(x.shape[0]):
        for j in range(i if same else 0, y.shape[0]):
            cells, x_counts, y_counts, n = _open_pair(counts, x, y, i, j, same, scratch)
            if not n > 0.0:
                out[i, j] = np.nan
                continue
            out[i, j, 0] = estimate(x_counts)
            out[i, j, 1] = estimate(y_counts)
            out[i, j, 2] = estimate(cells)


@kernel(inline=True)
def _together(estimate, counts, x, y, x_cells, y_cells, pseudo, same, scratch, out):
    """The three entropies of each pair by an estimate of its table, whose margins are sums."""
    for i in range(x.shape[0]):
        for j in range(i if same else 0, y.shape[0]):
            cells, x_counts, y_counts, n = _open_pair(counts, x, y, i, j, same, scratch)
            if not n > 0.0:
                out[i, j] = np.nan
                continue
            ny = 1.0 if same and i == j else y_cells[j]
            h = estimate(cells, x_counts, y_counts, x_cells[i], ny, pseudo)
            out[i, j, 0], out[i, j, 1], out[i, j, 2] = h


@kernel
def entropies(counts, x, y, x_cells, y_cells, pseudo, same, scratch, out):
    """H(X), H(Y) and H(X, Y) of each pair, plug-in."""
    _each(entropy_from_counts, counts, x, y, same, scratch, out)


@kernel
def miller_madow_entropies(counts, x, y, x_cells, y_cells, pseudo, same, scratch, out):
    """H(X), H(Y) and H(X, Y) of each pair, corrected by Miller and Madow."""
    _each(corrections.entropy_miller_madow, counts, x, y, same, scratch, out)


@kernel
def jackknife_entropies(counts, x, y, x_cells, y_cells, pseudo, same, scratch, out):
    """H(X), H(Y) and H(X, Y) of each pair, corrected by the jackknife."""
    _each(corrections.entropy_jackknife, counts, x, y, same, scratch, out)


@kernel
def grassberger_entropies(counts, x, y, x_cells, y_cells, pseudo, same, scratch, out):
    """H(X), H(Y) and H(X, Y) of each pair, as Grassberger estimates them."""
    _each(corrections.entropy_grassberger, counts, x, y, same, scratch, out)


@kernel
def chao_shen_entropies(counts, x, y, x_cells, y_cells, pseudo, same, scratch, out):
    """H(X), H(Y) and H(X, Y) of each pair, as Chao and Shen estimate them."""
    _each(corrections.entropy_chao_shen, counts, x, y, same, scratch, out)


@kernel
def zhang_entropies(counts, x, y, x_cells, y_cells, pseudo, same, scratch, out):
    """H(X), H(Y) and H(X, Y) of each pair, as Zhang estimates them."""
    _each(corrections.entropy_zhang, counts, x, y, same, scratch, out)


@kernel(inline=True)
def _shrinkage(cells, x_counts, y_counts, nx, ny, pseudo):
    return corrections.joint_shrinkage(cells, x_counts, y_counts, nx, ny)


@kernel
def shrinkage_entropies(counts, x, y, x_cells, y_cells, pseudo, same, scratch, out):
    """H(X), H(Y) and H(X, Y) of each pair, with shrinkage towards equal cells."""
    _together(_shrinkage, counts, x, y, x_cells, y_cells, pseudo, same, scratch, out)


@kernel
def dirichlet_entropies(counts, x, y, x_cells, y_cells, pseudo, same, scratch, out):
    """H(X), H(Y) and H(X, Y) of each pair, with a pseudo-count in each cell."""
    estimate = corrections.joint_dirichlet
    _together(estimate, counts, x, y, x_cells, y_cells, pseudo, same, scratch, out)
