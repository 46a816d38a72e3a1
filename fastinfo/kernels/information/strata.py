"""Tables of two variables in strata of a third: draws of all of them with their own margins.

Margins of the strata stand one after the other: those of stratum `s` begin at ``starts[s]``, and
one more entry ends the last. The statistic of a draw is the sum of ``c log(c)`` over all cells,
which tells conditional information apart, since margins stay. It is a whole number of units of
``1 / scale``: equal tables have equal sums whatever the order of their cells.

Each draw has a stream of its own: :mod:`fastinfo.kernels.random.substreams`.

Contract: sizes are contiguous int64 above 0, those of the rows and of the columns of a stratum have
the same sum; this is not checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import as_matrix, new_array, new_zeros
from fastinfo.kernels.elementary.scalar import log64
from fastinfo.kernels.information.resampling import draw_table
from fastinfo.kernels.random.substreams import below, start

_PLACED = 15  # ns to place a sample
_CELL = 80  # ns to draw a cell


@kernel(inline=True)
def _term(c, scale):
    x = np.float64(c)
    return np.int64(x * log64(x) * scale + 0.5) if c > 1 else np.int64(0)


@kernel(inline=True)
def _is_placed(n, cells):
    """Whether it is cheaper to place the samples of a table than to draw its cells."""
    return n * _PLACED < cells * _CELL


@kernel
def _drawn_sum(rows, columns, scale, state, large, left, cells):
    """The sum of a table that is drawn cell by cell; `left` and `cells` are scratch."""
    table = as_matrix(cells, rows.size, columns.size)
    draw_table(rows, columns, state, large, left, table)
    s = np.int64(0)
    for i in range(rows.size):
        for j in range(columns.size):
            s += _term(table[i, j], scale)
    return s


@kernel
def _placed_sum(rows, columns, n, terms, state, codes, counts):
    """The sum of a table whose samples are placed; `codes` is scratch, `counts` zeros."""
    k = 0
    for j in range(columns.size):
        for _ in range(columns[j]):
            codes[np.uint64(k)] = j
            k += 1
    s = np.int64(0)
    k = 0
    for i in range(rows.size):
        begin = k
        for _ in range(rows[i]):  # Fisher and Yates, row by row
            other = np.uint64(k) + below(state, n - k)
            code = codes[other]
            codes[other] = codes[np.uint64(k)]
            codes[np.uint64(k)] = code
            c = counts[np.uint64(code)]
            s += terms[np.uint64(c + 1)] - terms[np.uint64(c)]
            counts[np.uint64(code)] = c + 1
            k += 1
        for place in range(begin, k):
            counts[np.uint64(codes[np.uint64(place)])] = 0
    return s


@kernel
def fixed_sum(counts, scale):
    """The statistic of int64 counts."""
    s = np.int64(0)
    for i in range(counts.size):
        s += _term(counts[i], scale)
    return s


@kernel
def drawn_strata(x_starts, x_sizes, y_starts, y_sizes, scale, key, first, large, out):
    """
    Statistics of drawn tables of all strata, from draw number `first` on.

    `large` is that of :mod:`fastinfo.kernels.random.variates`.
    """
    n_strata = x_starts.size - 1
    samples = new_zeros(n_strata, np.int64)
    widest = np.int64(0)
    placed = np.int64(0)
    drawn = np.int64(0)
    for s in range(n_strata):
        width = y_starts[s + 1] - y_starts[s]
        cells = (x_starts[s + 1] - x_starts[s]) * width
        n = np.int64(0)
        for j in range(y_starts[s], y_starts[s + 1]):
            n += y_sizes[j]
        samples[s] = n
        widest = width if width > widest else widest
        if _is_placed(n, cells):
            placed = n if n > placed else placed
        else:
            drawn = cells if cells > drawn else drawn
    state = new_array(4, np.uint64)
    left = new_array(widest, np.int64)
    counts = new_zeros(widest, np.int64)
    codes = new_array(placed, np.uint32)
    table = new_array(drawn, np.int64)
    terms = new_array(placed + 1, np.int64)
    for c in range(terms.size):
        terms[np.uint64(c)] = _term(c, scale)
    for r in range(out.size):
        start(key, first + r, state)
        total = np.int64(0)
        for s in range(n_strata):
            rows = x_sizes[x_starts[s] : x_starts[s + 1]]
            columns = y_sizes[y_starts[s] : y_starts[s + 1]]
            if _is_placed(samples[s], rows.size * columns.size):
                total += _placed_sum(rows, columns, samples[s], terms, state, codes, counts)
            else:
                total += _drawn_sum(rows, columns, scale, state, large, left, table)
        out[r] = total
