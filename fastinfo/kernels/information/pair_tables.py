"""Entropies and mutual information of the tables of many pairs of columns, in nats.

One matrix of counts contains all tables of a set of columns against another set. A column has a row
for each level that is stored, from its first row on. A column that is never missing may leave out
its last level, because its counts are the number of rows minus those of the other levels. In that
case the last row and the last column of the matrix count all rows.

What the kernels expect: `x` and `y` are (columns, 3), int64: first row or column, stored levels,
levels. `scratch` is float64, with one row for the cells and two for the margins of the largest
table. Results are (columns, columns); with `same`, those below the diagonal are not written. A pair
without any sample gives NaN.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import as_matrix
from fastinfo.kernels.elementary.scalar import log64
from fastinfo.kernels.information import corrections
from fastinfo.kernels.information.expected import (
    LARGE,
    expected_cell,
    expected_large_cell,
    expected_of_margins,
)
from fastinfo.kernels.information.plug_in import entropy_from_counts, mutual_information


@kernel
def mirror(counts, x):
    """Fill in what is needed below the diagonal: each column against itself, and the last row."""
    last = counts.shape[0] - 1
    for b in range(last):
        counts[last, b] = counts[b, last]
    for k in range(x.shape[0]):
        first = x[k, 0]
        for a in range(first, first + x[k, 1]):
            for b in range(first, a):
                counts[a, b] = counts[b, a]


@kernel
def open_table(counts, x, i, y, j, cells, x_counts, y_counts):
    """
    Write the table of columns `i` and `j`, and its margins; return the number of samples.

    The table is written row by row. The vectors may be longer than what is written.
    """
    x_first = x[i, 0]
    nx = x[i, 1]
    x_levels = x[i, 2]
    y_first = y[j, 0]
    ny = y[j, 1]
    y_levels = y[j, 2]
    last_row = counts.shape[0] - 1
    last_column = counts.shape[1] - 1
    for b in range(y_levels):
        y_counts[b] = 0.0
    n = 0.0
    for a in range(x_levels):
        row = a * y_levels
        total = 0.0
        whole = np.int64(0)
        if a < nx:
            if ny < y_levels:
                whole = counts[x_first + a, last_column]
            for b in range(ny):
                c = np.float64(counts[x_first + a, y_first + b])
                cells[row + b] = c
                total += c
        else:
            if ny < y_levels:
                whole = counts[last_row, last_column]
            for b in range(ny):
                c = counts[last_row, y_first + b] - y_counts[b]
                cells[row + b] = c
                total += c
            if ny < y_levels:
                whole -= np.int64(y_counts[ny])
                for k in range(nx):
                    for b in range(ny):
                        whole -= np.int64(cells[k * y_levels + b])
        if ny < y_levels:
            c = whole - total
            cells[row + ny] = c
            total += c
        for b in range(y_levels):
            y_counts[b] += cells[row + b]
        x_counts[a] = total
        n += total
    return n


@kernel
def informations(counts, x, y, same, scratch, out):
    """Plug-in mutual information of each pair."""
    for i in range(x.shape[0]):
        for j in range(i if same else 0, y.shape[0]):
            n = open_table(counts, x, i, y, j, scratch[0], scratch[1], scratch[2])
            table = as_matrix(scratch[0], x[i, 2], y[j, 2])
            found = mutual_information(table, scratch[1, : x[i, 2]], scratch[2, : y[j, 2]])
            out[i, j] = found if n > 0.0 else np.nan


@kernel
def expected_informations(counts, x, y, same, scratch, sizes, informations, out):
    """
    Expected information of each pair by chance.

    It equals the value in `informations` if all tables with the same margins have this information.
    """
    for i in range(x.shape[0]):
        for j in range(i if same else 0, y.shape[0]):
            n = open_table(counts, x, i, y, j, scratch[0], scratch[1], scratch[2])
            found = np.nan
            if n > 0.0:
                found = expected_of_margins(scratch[1, : x[i, 2]], scratch[2, : y[j, 2]], n, sizes)
            out[i, j] = informations[i, j] if np.isnan(found) else found


@kernel
def complete_expected(x_ends, x_sizes, x_times, y_ends, y_sizes, y_times, same, n, large, out):
    """
    Expected information of each pair by chance, if none of the `n` samples is missing.

    For each column, the distinct counts of its levels end at its entry of `x_ends` or `y_ends`.
    They are ascending, and their frequencies are in `x_times` or `y_times`. `large` is explained in
    :func:`fastinfo.kernels.information.expected.expected_mutual_information`.
    """
    x_start = 0
    for i in range(x_ends.size):
        y_start = y_ends[i - 1] if same and i > 0 else 0
        for j in range(i if same else 0, y_ends.size):
            s = 0.0
            for p in range(x_start, x_ends[i]):
                a = x_sizes[p]
                row = 0.0
                for q in range(y_start, y_ends[j]):
                    b = y_sizes[q]
                    if large is not None and a * b >= LARGE * n:
                        row += y_times[q] * expected_large_cell(a, b, n)
                        continue
                    row += y_times[q] * expected_cell(a, b, n)
                s += x_times[p] * row
            out[i, j] = s
            y_start = y_ends[j]
        x_start = x_ends[i]


@kernel
def tabulate_cells(x_sizes, y_sizes, start, stop, same, n, large, table):
    """
    Expected contribution of a cell, for rows `start` to `stop` of all sizes of rows and columns.

    With `same`, cells below the diagonal are not written. `large` is as in `complete_expected`.
    """
    for i in range(start, stop):
        a = x_sizes[i]
        for j in range(i if same else 0, y_sizes.size):
            b = y_sizes[j]
            if large is not None and a * b >= LARGE * n:
                table[i, j] = expected_large_cell(a, b, n)
                continue
            table[i, j] = expected_cell(a, b, n)


@kernel
def tabulated_expected(x_ends, x_places, y_ends, y_places, same, table, sums, out):
    """
    Expected information of each pair of columns, from a table of those of single cells.

    For each column, the places of its sizes in the table end at its entry of `x_ends` or `y_ends`.
    `sums` has room for a row of the table.
    """
    x_start = 0
    for i in range(x_ends.size):
        for k in range(sums.size):
            sums[k] = 0.0
        for p in range(x_start, x_ends[i]):
            row = np.uint64(x_places[p])
            for k in range(sums.size):
                sums[k] += table[row, k]
        x_start = x_ends[i]
        first = i if same else 0
        y_start = y_ends[first - 1] if first > 0 else 0
        for j in range(first, y_ends.size):
            s = 0.0
            for q in range(y_start, y_ends[j]):
                s += sums[np.uint64(y_places[q])]
            out[i, j] = s
            y_start = y_ends[j]


@kernel
def complete_informations(counts, x, y, same, x_counts, y_counts, n, work, out):
    """
    Plug-in mutual information of each pair, where none of the `n` samples is missing.

    A level of `x` meets all levels of all columns of `y` in one loop. `x_counts` and `y_counts` are
    the counts of all levels, `work` is a vector with room for `y_counts` for each level of a column
    of `x` and once more.
    """
    together = True  # whether all levels of the columns are stored, with nothing in between
    for j in range(y.shape[0]):
        if y[j, 1] < y[j, 2] or (j > 0 and y[j, 0] > y[j - 1, 0] + y[j - 1, 1]):
            together = False
    one = np.uint64(1)
    width = np.uint64(y_counts.size)
    terms = np.uint64(work.size) - width  # place of the terms
    x_margin = np.uint64(0)
    skipped = np.uint64(0)
    for i in range(x.shape[0]):
        row = np.uint64(x[i, 0])
        stored = x[i, 1]
        start = i if same else 0
        size = width - skipped
        for k in range(size):
            work[terms + k] = 0.0
        here = np.uint64(0)
        for a in range(x[i, 2]):
            margin = x_counts[x_margin]
            x_margin += one
            if a < stored and together:
                first = np.uint64(y[start, 0])
                for k in range(size):
                    work[here + k] = counts[row, first + k]
            elif a < stored:
                at = here
                for j in range(start, y.shape[0]):
                    total = 0.0
                    for b in range(y[j, 0], y[j, 0] + y[j, 1]):
                        c = np.float64(counts[row, b])
                        work[at] = c
                        total += c
                        at += one
                    if y[j, 1] < y[j, 2]:
                        work[at] = margin - total
                        at += one
            else:
                for k in range(size):
                    work[here + k] = y_counts[skipped + k]
                above = np.uint64(0)
                for _ in range(stored):
                    for k in range(size):
                        work[here + k] -= work[above + k]
                    above += width
            if margin > 0.0:
                for k in range(size):
                    c = work[here + k]
                    # Equal products are rounded equally: independent counts give 0.
                    m = margin * y_counts[skipped + k]
                    work[terms + k] += c * log64((c * n) / m) if c > 0.0 else 0.0
            row += one
            here += width
        at = terms
        for j in range(start, y.shape[0]):
            s = 0.0
            for _ in range(y[j, 2]):
                s += work[at]
                at += one
            out[i, j] = s / n if s > 0.0 else 0.0
        if same:
            skipped += np.uint64(x[i, 2])


@kernel(inline=True)
def _open_pair(counts, x, y, i, j, same, scratch):
    """Cells and margins of one pair, and the number of samples."""
    n = open_table(counts, x, i, y, j, scratch[0], scratch[1], scratch[2])
    x_counts = scratch[1, : x[i, 2]]
    if same and i == j:  # a single variable, whose table is its counts
        return x_counts, x_counts, x_counts[:1], n
    return scratch[0, : x[i, 2] * y[j, 2]], x_counts, scratch[2, : y[j, 2]], n


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
    """The three entropies of each pair by an estimate that changes the joint table only."""
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
    """Plug-in H(X), H(Y) and H(X, Y) of each pair."""
    _each(entropy_from_counts, counts, x, y, same, scratch, out)


@kernel
def miller_madow_entropies(counts, x, y, x_cells, y_cells, pseudo, same, scratch, out):
    """H(X), H(Y) and H(X, Y) of each pair, with the Miller-Madow correction."""
    _each(corrections.entropy_miller_madow, counts, x, y, same, scratch, out)


@kernel
def jackknife_entropies(counts, x, y, x_cells, y_cells, pseudo, same, scratch, out):
    """H(X), H(Y) and H(X, Y) of each pair, with the jackknife correction."""
    _each(corrections.entropy_jackknife, counts, x, y, same, scratch, out)


@kernel
def grassberger_entropies(counts, x, y, x_cells, y_cells, pseudo, same, scratch, out):
    """H(X), H(Y) and H(X, Y) of each pair, by Grassberger's estimate."""
    _each(corrections.entropy_grassberger, counts, x, y, same, scratch, out)


@kernel
def chao_shen_entropies(counts, x, y, x_cells, y_cells, pseudo, same, scratch, out):
    """H(X), H(Y) and H(X, Y) of each pair, by Chao and Shen's estimate."""
    _each(corrections.entropy_chao_shen, counts, x, y, same, scratch, out)


@kernel
def zhang_entropies(counts, x, y, x_cells, y_cells, pseudo, same, scratch, out):
    """H(X), H(Y) and H(X, Y) of each pair, by Zhang's estimate."""
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
