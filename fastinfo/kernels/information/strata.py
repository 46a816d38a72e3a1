"""Random tables of two variables in the strata of a third, with the margins of each stratum.

The margins of the strata are stored one after another: those of stratum `s` begin at ``starts[s]``,
and one more entry ends the last. The statistic of a draw is the sum of ``c log(c)`` over all cells.
Since the margins are fixed, it orders tables by their conditional information. It is an integer
number of units of ``1 / scale``, so equal tables have equal sums in any order of the cells.

Each draw has its own stream: :mod:`fastinfo.kernels.random.substreams`.

What the kernels expect: sizes are contiguous int64 above 0, and the rows and columns of a stratum
have the same sum. This is not checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import as_matrix, new_array, new_zeros
from fastinfo.kernels.elementary.scalar import log64
from fastinfo.kernels.information.resampling import draw_table
from fastinfo.kernels.random.lockstep import (
    DRAWN,
    LANES,
    LEFT,
    REST,
    SUMS,
    WANTED,
    invert,
    propose,
    settle,
    start_lanes,
)
from fastinfo.kernels.random.substreams import below, start
from fastinfo.kernels.random.variates import log_factorial

_TABULATED = 1 << 16  # so many terms and logarithms stay in the second-level cache


@kernel(inline=True)
def _term(c, scale):
    x = np.float64(c)
    return np.int64(x * log64(x) * scale + 0.5) if c > 1 else np.int64(0)


@kernel
def _placed_sum(rows, columns, terms, state, codes, counts):
    """The sum of a table whose samples are placed; `codes` is scratch, `counts` zeros."""
    n = np.int64(0)
    k = 0
    for j in range(columns.size):
        for _ in range(columns[j]):
            codes[np.uint64(k)] = j
            k += 1
        n += columns[j]
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


@kernel(inline=True)
def _tabulated_term(c, terms, scale):
    return terms[np.uint64(c)] if c < terms.size else np.float64(_term(c, scale))


@kernel
def _add_drawn(rows, columns, terms, logs, scale, active, work):
    """Draw a table for each active lane, and add its terms to the sums of the lanes."""
    last = columns.size - 1
    rest = 0.0
    for j in range(columns.size):
        count = np.float64(columns[j])
        rest += count
        for i in range(LANES):
            work[np.uint64(LEFT + j * LANES + i)] = count
    for row in range(rows.size - 1):
        size = np.float64(rows[row])
        for i in range(LANES):
            work[np.uint64(REST + i)] = rest
            work[np.uint64(WANTED + i)] = size
        rest -= size
        for j in range(last):
            left = LEFT + j * LANES
            if propose(work, left):
                invert(work, left, logs)
            for i in range(active):
                k = np.int64(work[np.uint64(DRAWN + i)])
                if k < 0:
                    k = settle(work, left, i, logs)
                    work[np.uint64(DRAWN + i)] = np.float64(k)
                work[np.uint64(SUMS + i)] += _tabulated_term(k, terms, scale)
            for i in range(active, LANES):  # unused lanes copy the first one
                work[np.uint64(DRAWN + i)] = work[np.uint64(DRAWN)]
            for i in range(LANES):
                drawn = work[np.uint64(DRAWN + i)]
                good = work[np.uint64(left + i)]
                work[np.uint64(WANTED + i)] -= drawn
                work[np.uint64(REST + i)] -= good
                work[np.uint64(left + i)] = good - drawn
        left = LEFT + last * LANES
        for i in range(LANES):
            work[np.uint64(left + i)] -= work[np.uint64(WANTED + i)]
        for i in range(active):
            k = np.int64(work[np.uint64(WANTED + i)])
            work[np.uint64(SUMS + i)] += _tabulated_term(k, terms, scale)
    for j in range(columns.size):
        for i in range(active):
            k = np.int64(work[np.uint64(LEFT + j * LANES + i)])
            work[np.uint64(SUMS + i)] += _tabulated_term(k, terms, scale)


@kernel
def drawn_strata(x_starts, x_sizes, y_starts, y_sizes, scale, key, first, out):
    """
    Statistics of tables drawn cell by cell, if each stratum has fewer than `MODERATE` samples.

    As many draws as there are lanes process a table in lock-step; fewer draws take the same time.
    """
    widest = np.int64(0)
    largest = np.int64(0)
    most = np.int64(0)
    for s in range(y_starts.size - 1):
        width = y_starts[s + 1] - y_starts[s]
        widest = width if width > widest else widest
        n = np.int64(0)
        for j in range(y_starts[s], y_starts[s + 1]):
            n += y_sizes[j]
            largest = y_sizes[j] if y_sizes[j] > largest else largest
        most = n if n > most else most
    terms = new_array(largest + 1 if largest < _TABULATED else np.int64(_TABULATED), np.float64)
    for c in range(terms.size):
        terms[np.uint64(c)] = np.float64(_term(c, scale))
    logs = new_array(most + 1 if most < _TABULATED else np.int64(_TABULATED), np.float64)
    for c in range(logs.size):
        logs[np.uint64(c)] = log_factorial(c)
    work = new_zeros(LEFT + widest * LANES, np.float64)
    for begin in range(0, out.size, LANES):
        active = out.size - begin
        active = active if active < LANES else LANES
        start_lanes(key, first + begin, work)
        for i in range(active):
            work[np.uint64(SUMS + i)] = 0.0
        for s in range(x_starts.size - 1):
            rows = x_sizes[x_starts[s] : x_starts[s + 1]]
            columns = y_sizes[y_starts[s] : y_starts[s + 1]]
            _add_drawn(rows, columns, terms, logs, scale, active, work)
        for i in range(active):
            out[begin + i] = np.int64(work[np.uint64(SUMS + i)])


@kernel
def placed_strata(x_starts, x_sizes, y_starts, y_sizes, scale, key, first, out):
    """Statistics of tables whose samples are placed one by one, if they are mostly empty."""
    widest = np.int64(0)
    most = np.int64(0)
    for s in range(y_starts.size - 1):
        width = y_starts[s + 1] - y_starts[s]
        widest = width if width > widest else widest
        n = np.int64(0)
        for j in range(y_starts[s], y_starts[s + 1]):
            n += y_sizes[j]
        most = n if n > most else most
    terms = new_array(most + 1, np.int64)
    for c in range(terms.size):
        terms[np.uint64(c)] = _term(c, scale)
    state = new_array(4, np.uint64)
    codes = new_array(most, np.uint32)
    counts = new_zeros(widest, np.int64)
    for r in range(out.size):
        start(key, first + r, state)
        total = np.int64(0)
        for s in range(x_starts.size - 1):
            rows = x_sizes[x_starts[s] : x_starts[s + 1]]
            columns = y_sizes[y_starts[s] : y_starts[s + 1]]
            total += _placed_sum(rows, columns, terms, state, codes, counts)
        out[r] = total


@kernel
def strata_one_by_one(large, x_starts, x_sizes, y_starts, y_sizes, scale, key, first, out):
    """
    Statistics of tables that are drawn one after another, cell by cell.

    This compiles in half the time of :func:`drawn_strata`, but runs 20 times as long. `large` is
    explained in :mod:`fastinfo.kernels.random.variates`.
    """
    widest = np.int64(0)
    cells = np.int64(0)
    for s in range(x_starts.size - 1):
        width = y_starts[s + 1] - y_starts[s]
        own = (x_starts[s + 1] - x_starts[s]) * width
        widest = width if width > widest else widest
        cells = own if own > cells else cells
    state = new_array(4, np.uint64)
    left = new_array(widest, np.int64)
    table = new_array(cells, np.int64)
    for r in range(out.size):
        start(key, first + r, state)
        total = np.int64(0)
        for s in range(x_starts.size - 1):
            rows = x_sizes[x_starts[s] : x_starts[s + 1]]
            columns = y_sizes[y_starts[s] : y_starts[s + 1]]
            own = as_matrix(table, rows.size, columns.size)
            draw_table(rows, columns, state, large, left, own)
            for i in range(rows.size):
                for j in range(columns.size):
                    total += _term(own[i, j], scale)
        out[r] = total
