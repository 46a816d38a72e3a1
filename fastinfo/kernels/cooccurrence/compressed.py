"""Association of the cells of a sparse table in compressed rows, or columns ("majors").

Contract: `places` are the beginnings of the majors in `minors` and `counts`, int64, rising from 0
to at most their length. What is written needs as much room as there are cells.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.cooccurrence.cells import log_of_products, measure_cells
from fastinfo.kernels.elementary.memory import new_array

_BLOCK = 128  # cells: few enough that the sums of some are fetched while others are measured

OUTSIDE = 1  #: a minor that is not there
UNORDERED = 2  #: minors that don't rise, of which some may be the same
SMALL = 4  #: a count below 2**-400: negative, 0, or so small that products could vanish

LEAST = 2.0**-400


@kernel
def survey_compressed(places, minors, counts, major_sums, minor_sums):
    """
    Sums of the majors and minors, written to `major_sums` and `minor_sums`; what is odd.

    NaN is odd by the sums alone.
    """
    n_minor = np.uint64(minor_sums.size)
    for j in range(n_minor):
        minor_sums[j] = 0.0
    least = np.inf
    steps = np.int64(0)  # has a sign where one of them has: by which minors rise, less 1
    for i in range(major_sums.size):
        total = 0.0
        before = np.int64(-1)
        for k in range(np.uint64(places[i]), np.uint64(places[i + 1])):
            j = np.int64(minors[k])
            if np.uint64(j) >= n_minor:
                return OUTSIDE
            steps |= j - before - 1
            before = j
            count = np.float64(counts[k])
            least = count if count < least else least
            total += count
            minor_sums[np.uint64(j)] += count
        major_sums[i] = total
    return (UNORDERED if steps < 0 else 0) | (SMALL if least < LEAST else 0)


@kernel(inline=True)
def _write_block(
    minors, counts, start, size, minor_sums, total, n, least, bar, shift, divisor, sums, out_minors,
    out, p,
):  # fmt: skip
    """Measure some cells of a major, and write those that are kept; where the next are written."""
    for k in range(size):
        sums[k] = minor_sums[np.uint64(minors[start + k])]
    for k in range(size):
        out[p + k] = log_of_products(counts[start + k] * n, total * sums[k])
    if divisor != 1.0 or shift != 0.0:
        for k in range(size):
            out[p + k] = out[p + k] / divisor - shift
    n_kept = np.uint64(0)
    for k in range(size):
        n_kept += np.uint64((out[p + k] > bar) & (counts[start + k] >= least))
    if n_kept == size:
        for k in range(size):
            out_minors[p + k] = minors[start + k]
        return p + size
    q = p
    for k in range(size):
        value = out[p + k]
        out[q] = value
        out_minors[q] = minors[start + k]
        q += np.uint64((value > bar) & (counts[start + k] >= least))
    return q


@kernel
def pointwise_compressed(
    places, minors, counts, first, last, major_sums, minor_sums, n, least, bar, shift, divisor,
    out_places, out_minors, out,
):  # fmt: skip
    """
    Pointwise information of the cells of the majors from `first` up to `last`.

    Cells of at least `least` counts, which is above 0, whose value exceeds `bar` are written one
    after the other, from the place of the first on. `out_places` takes where each major ends. A
    value is ``nats / divisor - shift``.
    """
    block = np.uint64(_BLOCK)
    sums = new_array(_BLOCK, np.float64)
    p = np.uint64(places[first])
    for i in range(first, last):
        total = major_sums[i]
        start, stop = np.uint64(places[i]), np.uint64(places[i + 1])
        while start < stop:
            size = stop - start if stop - start < block else block
            p = _write_block(
                minors, counts, start, size, minor_sums, total, n, least, bar, shift, divisor, sums,
                out_minors, out, p,
            )  # fmt: skip
            start += size
        out_places[i + 1] = p


@kernel
def measure_compressed(
    measure, places, minors, counts, first, last, major_sums, minor_sums, by_columns, n, half,
    least, divisor, out_places, out_minors, out,
):  # fmt: skip
    """
    Another measure of the cells of the majors from `first` up to `last`, written likewise.

    `by_columns` says that majors are columns. A value is ``nats / divisor``.
    """
    block = np.uint64(_BLOCK)
    cells = new_array(_BLOCK, np.float64)
    major = new_array(_BLOCK, np.float64)
    minor = new_array(_BLOCK, np.float64)
    values = new_array(_BLOCK, np.float64)
    p = np.uint64(places[first])
    for i in range(first, last):
        total = major_sums[i]
        for k in range(block):
            major[k] = total
        start, stop = np.uint64(places[i]), np.uint64(places[i + 1])
        while start < stop:
            size = stop - start if stop - start < block else block
            for k in range(size):
                cells[k] = counts[start + k]
                minor[k] = minor_sums[np.uint64(minors[start + k])]
            rows, columns = (minor, major) if by_columns else (major, minor)
            measure_cells(measure, cells, rows, columns, n, half, size, values)
            for k in range(size):
                out[p] = values[k] / divisor
                out_minors[p] = minors[start + k]
                p += np.uint64(cells[k] >= least)
            start += size
        out_places[i + 1] = p


@kernel
def are_rising(majors, minors, n):
    """Whether cells are in order of majors, 0 to below `n`, then of minors; none occurs twice."""
    before = np.int64(0)
    minor = np.int64(-1)
    for k in range(np.uint64(majors.size)):
        i, j = np.int64(majors[k]), np.int64(minors[k])
        if i < before or (i == before and j <= minor):
            return False
        before = i
        minor = j
    return before < n


@kernel
def has_duplicates(places, minors, n_minor):
    """Whether a major has a minor twice, in whatever order; minors are below `n_minor`."""
    seen = new_array(n_minor, np.int64)
    for j in range(np.uint64(n_minor)):
        seen[j] = -1
    for i in range(places.size - 1):
        for k in range(np.uint64(places[i]), np.uint64(places[i + 1])):
            j = np.uint64(minors[k])
            if seen[j] == i:
                return True
            seen[j] = i
    return False


@kernel
def sort_into_majors(majors, minors, counts, places, out_minors, out_counts):
    """
    Write cells major by major, in the order in which they come; False where a major is outside.

    `places` takes where the majors begin, and the last one ends.
    """
    n = np.uint64(places.size - 1)
    one = np.uint64(1)
    for i in range(n + one):
        places[i] = 0
    for k in range(np.uint64(majors.size)):
        i = np.uint64(np.int64(majors[k]))
        if i >= n:
            return False
        places[i + one] += 1
    for i in range(n):
        places[i + one] += places[i]
    # Where a major's next cell is written; at the end that is where the next major begins.
    for k in range(np.uint64(majors.size)):
        i = np.uint64(np.int64(majors[k]))
        p = np.uint64(places[i])
        out_minors[p] = minors[k]
        out_counts[p] = counts[k]
        places[i] += 1
    for i in range(n):
        places[n - i] = places[n - i - one]
    places[0] = 0
    return True
