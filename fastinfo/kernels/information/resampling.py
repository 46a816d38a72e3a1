"""Random tables with given margins, and cells of bootstrap samples.

Permuting the samples of one variable gives a random table with the same margins, whose distribution
is known. So the table is drawn directly, cell by cell, at a cost that does not grow with the number
of samples. A bootstrap sample is a multinomial draw over the occupied cells. Each replicate has its
own stream: :mod:`fastinfo.kernels.random.substreams`.

`large` is explained in :mod:`fastinfo.kernels.random.variates`.

What the kernels expect: margins are contiguous int64 without zeros, and their sums are equal. Keys
are those of streams. This is not checked. The result of a replicate is the number of samples times
the mutual information, in nats.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import new_array, new_matrix, new_zeros
from fastinfo.kernels.elementary.scalar import log64, log_normal
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
from fastinfo.kernels.random.variates import binomial, hypergeometric, log_factorial


@kernel
def draw_table(x_counts, y_counts, state, large, left, table):
    """
    Draw a table of independent variables with these margins.

    Patefield 1981, https://doi.org/10.2307/2346669, but each cell is a hypergeometric variate.
    `left` is an int64 work array, as large as `y_counts`.
    """
    rest = np.int64(0)
    for j in range(y_counts.size):
        left[j] = y_counts[j]
        rest += y_counts[j]
    for i in range(x_counts.size):
        wanted = x_counts[i]
        others = rest  # in the columns that follow
        rest -= wanted
        for j in range(y_counts.size):
            others -= left[j]
            k = hypergeometric(left[j], others, wanted, state, large)
            table[i, j] = k
            left[j] -= k
            wanted -= k


@kernel
def table_sums(x_counts, y_counts, key, first, large, out):
    """Replicates from number `first` on, one for each place in `out`, each by drawing a table."""
    rows = x_counts.size
    columns = y_counts.size
    state = new_array(4, np.uint64)
    left = new_array(columns, np.int64)
    table = new_matrix(rows, columns, np.int64)
    n = 0.0
    for i in range(rows):
        n += np.float64(x_counts[i])
    for r in range(out.size):
        start(key, first + r, state)
        draw_table(x_counts, y_counts, state, large, left, table)
        out[r] = _information_sum(table, x_counts, y_counts, n)


@kernel
def table_sums_in_step(x_counts, y_counts, key, first, out):
    """
    Replicates as those of :func:`table_sums`, for fewer than `MODERATE` samples, in lock-step.

    For tables with many cells, this takes a twentieth of the time, but longer to compile. Margins
    have at least two counts. If there are fewer columns than rows, it needs less memory.
    """
    last = y_counts.size - 1
    parts = LEFT + y_counts.size * LANES
    errors = parts + LANES
    work = new_zeros(errors + LANES, np.float64)
    total = 0.0
    for j in range(y_counts.size):
        total += np.float64(y_counts[j])
    logs = new_array(np.int64(total if total < 16384.0 else 16384.0), np.float64)
    for c in range(logs.size):
        logs[np.uint64(c)] = log_factorial(c)
    for begin in range(0, out.size, LANES):
        start_lanes(key, first + begin, work)
        for i in range(LANES):
            work[np.uint64(SUMS + i)] = 0.0
            work[np.uint64(errors + i)] = 0.0
        for j in range(y_counts.size):
            for i in range(LANES):
                work[np.uint64(LEFT + j * LANES + i)] = np.float64(y_counts[j])
        rest = total
        for row in range(x_counts.size):
            size = np.float64(x_counts[row])
            for i in range(LANES):
                work[np.uint64(REST + i)] = rest
                work[np.uint64(WANTED + i)] = size
                work[np.uint64(parts + i)] = 0.0
            rest -= size
            for j in range(y_counts.size):
                left = LEFT + j * LANES
                if row == x_counts.size - 1:
                    for i in range(LANES):
                        work[np.uint64(DRAWN + i)] = work[np.uint64(left + i)]
                elif j == last:
                    for i in range(LANES):
                        work[np.uint64(DRAWN + i)] = work[np.uint64(WANTED + i)]
                else:
                    if propose(work, left):
                        invert(work, left, logs)
                    for i in range(LANES):
                        if work[np.uint64(DRAWN + i)] < 0.0:
                            k = settle(work, left, i, logs)
                            work[np.uint64(DRAWN + i)] = np.float64(k)
                scale = total / (size * np.float64(y_counts[j]))
                for i in range(LANES):
                    c = work[np.uint64(DRAWN + i)]
                    good = work[np.uint64(left + i)]
                    work[np.uint64(WANTED + i)] -= c
                    work[np.uint64(REST + i)] -= good
                    work[np.uint64(left + i)] = good - c
                    ratio = c * scale
                    work[np.uint64(parts + i)] += c * log_normal(ratio if c > 0.0 else 1.0)
            for i in range(LANES):  # compensated, so that rounding can't hide ties
                s = work[np.uint64(SUMS + i)]
                part = work[np.uint64(parts + i)]
                t = s + part
                more = (s - t) + part if abs(s) >= abs(part) else (part - t) + s
                work[np.uint64(errors + i)] += more
                work[np.uint64(SUMS + i)] = t
        for i in range(min(LANES, out.size - begin)):
            s = work[np.uint64(SUMS + i)] + work[np.uint64(errors + i)]
            out[begin + i] = s if s > 0.0 else 0.0


@kernel
def _information_sum(table, x_counts, y_counts, n):
    """Samples times information, compensated, so that rounding can't hide ties."""
    s = 0.0
    error = 0.0
    for i in range(x_counts.size):
        part = 0.0
        for j in range(y_counts.size):
            c = np.float64(table[i, j])
            margins = np.float64(x_counts[i]) * np.float64(y_counts[j])
            part += c * log64((c * n) / margins) if c > 0.0 else 0.0
        t = s + part
        error += (s - t) + part if abs(s) >= abs(part) else (part - t) + s
        s = t
    return s + error if s + error > 0.0 else 0.0


@kernel
def shuffled_sums(x_counts, y_counts, key, first, out):
    """Replicates by shuffling the samples of y, for tables that are mostly empty."""
    n = np.int64(0)
    for j in range(y_counts.size):
        n += y_counts[j]
    state = new_array(4, np.uint64)
    whole = np.float64(n)
    codes = new_array(n, np.uint32)
    counts = new_zeros(y_counts.size, np.int64)
    for r in range(out.size):
        start(key, first + r, state)
        k = 0
        for j in range(y_counts.size):
            for _ in range(y_counts[j]):
                codes[k] = j
                k += 1
        s = 0.0
        error = 0.0  # compensated, so that the order of the terms can't hide ties
        k = 0
        for i in range(x_counts.size):
            begin = k
            for _ in range(x_counts[i]):  # Fisher and Yates, row by row
                other = k + np.int64(below(state, n - k))
                code = codes[other]
                codes[other] = codes[k]
                codes[k] = code
                counts[np.uint64(code)] += 1
                k += 1
            for place in range(begin, k):
                code = np.uint64(codes[place])
                c = np.float64(counts[code])
                counts[code] = 0  # each cell is added once, when it is first met
                margins = np.float64(x_counts[i]) * np.float64(y_counts[code])
                term = c * log64(c * whole / margins) if c > 0.0 else 0.0
                t = s + term
                error += (s - t) + term if abs(s) >= abs(term) else (term - t) + s
                s = t
        out[r] = s + error if s + error > 0.0 else 0.0


@kernel
def draw_cells(counts, key, first, large, out):
    """
    Bootstrap counts of cells, float64 ``(replicates, cells)``, from number `first` on.

    This is a multinomial draw, cell by cell: each count is binomial, given those before it.
    """
    total = np.int64(0)
    for k in range(counts.size):
        total += counts[k]
    state = new_array(4, np.uint64)
    for r in range(out.shape[0]):
        start(key, first + r, state)
        samples = total
        mass = total
        for k in range(counts.size):
            share = np.float64(counts[k]) / np.float64(mass) if mass else 0.0
            c = binomial(samples, share, state, large)
            out[r, k] = c
            samples -= c
            mass -= counts[k]


@kernel
def shuffle_codes(key, number, codes):
    """Shuffle codes in place by a stream (Fisher and Yates)."""
    state = new_array(4, np.uint64)
    start(key, number, state)
    n = np.uint64(codes.size)
    for k in range(codes.size):
        place = np.uint64(k)
        other = place + below(state, n - place)
        code = codes[other]
        codes[other] = codes[place]
        codes[place] = code
