"""Association of the cells of a sparse table in compressed rows or columns.

The rows (or columns) that are compressed are called majors, the others minors.

What the kernels expect: `places` (int64) says where the majors begin in `minors` and `counts`; it
increases from 0 to at most their length. Outputs have room for all cells.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.cooccurrence.cells import log_of_products, measure_cells
from fastinfo.kernels.elementary.memory import new_array

_BLOCK = 128  # so few cells that the sums of some are fetched while others are measured

OUTSIDE = 1  #: a minor that does not exist
UNORDERED = 2  #: minors that do not increase; some may be equal
SMALL = 4  #: a count below 2**-400: negative, 0, or so small that products could vanish

LEAST = 2.0**-400


@kernel
def survey_compressed(places, minors, counts, major_sums, minor_sums):
    """
    Write the sums of the majors and minors; return flags of what is unusual.

    NaN is noticed by the sums only.
    """
    n_minor = np.uint64(minor_sums.size)
    for j in range(n_minor):
        minor_sums[j] = 0.0
    least = np.inf
    steps = np.int64(0)  # differences of minors, minus 1, combined by or: negative if one is
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
    """Measure some cells of a major, write those that are kept, and return the next place."""
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

    Cells with at least `least` counts (above 0) whose value exceeds `bar` are written one after the
    other, beginning at the place of the first cell. `out_places` receives the end of each major. A
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
    Another measure of the cells of the majors from `first` up to `last`.

    They are written as by :func:`pointwise_compressed`. `by_columns` says that majors are columns.
    A value is ``nats / divisor``.
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
    """Whether cells are ordered by major (0 to below `n`), then by minor, without duplicates."""
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
    """Whether a minor (below `n_minor`) occurs twice in a major, in any order."""
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
    Write cells major by major, in their given order; return False if a major is outside.

    `places` receives the beginning of each major, and the end of the last one.
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
    # Where the next cell of each major is written; at the end, where the next major begins.
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
