"""Plug-in entropy and mutual information of counts, in nats.

What the kernels expect: counts are C-contiguous float64 and not negative. This is not checked. If
all counts are zero, every result is 0, never NaN.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import REASSOCIATE, kernel
from fastinfo.kernels.distributions.divergences import closed, total_of
from fastinfo.kernels.elementary.memory import as_vector, new_zeros
from fastinfo.kernels.elementary.scalar import log64, lost_in_sum

_BLOCK = 1024
_SHORT_BLOCK = 64  # so short that the order of the sum changes the information by at most 2 ulp


@kernel(fastmath=REASSOCIATE, inline=True)
def _entropy_block(counts, start, stop, n):
    """``sum(p log p)`` over a block of counts."""
    s = 0.0
    for i in range(np.uint64(start), np.uint64(stop)):
        p = counts[i] / n
        s += p * log64(p) if p > 0.0 else 0.0
    return s


@kernel
def entropy_from_counts(counts):
    """
    Plug-in entropy of a vector of counts, in nats.

    ``-sum(c / n log(c / n))``, n being the sum of the counts.
    """
    size = counts.size
    n = total_of(counts, np.int64(0), size)
    if not n > 0.0:
        return 0.0
    s = 0.0
    for start in range(0, size, _BLOCK):
        s += _entropy_block(counts, start, start + _BLOCK if start + _BLOCK < size else size, n)
    return -s if s < 0.0 else 0.0


@kernel
def margins(table, x_counts, y_counts):
    """Write the sums of the rows of `table` to `x_counts`, of its columns to `y_counts`."""
    rows, columns = table.shape
    cells = as_vector(table)
    errors = new_zeros(columns, np.float64)
    for j in range(columns):
        y_counts[j] = 0.0
    for i in range(rows):
        begin = i * columns
        x_counts[i] = total_of(cells, begin, begin + columns)
        row = np.uint64(begin)
        for j in range(np.uint64(columns)):
            errors[j] += lost_in_sum(y_counts[j], cells[row + j])
            y_counts[j] += cells[row + j]
    for j in range(columns):
        y_counts[j] = closed(y_counts[j], errors[j])


@kernel
def _add_to(places, counts, sums):
    """Add each count to the sum at its place, with compensation."""
    errors = new_zeros(sums.size, np.float64)
    for k in range(sums.size):
        sums[k] = 0.0
    for k in range(counts.size):
        i = places[k]
        errors[i] += lost_in_sum(sums[i], counts[k])
        sums[i] += counts[k]
    for k in range(sums.size):
        sums[k] = closed(sums[k], errors[k])


@kernel
def margins_of_pairs(rows, columns, counts, x_counts, y_counts):
    """Write the row and column sums of occupied cells, at places `rows` and `columns`."""
    _add_to(rows, counts, x_counts)
    _add_to(columns, counts, y_counts)


@kernel(fastmath=REASSOCIATE, inline=True)
def _information_block(cells, begin, y_counts, start, stop, x_count, n):
    """The sum of ``c log(c n / (row sum * column sum))`` over a part of a row."""
    s = 0.0
    row = np.uint64(begin)
    for j in range(np.uint64(start), np.uint64(stop)):
        c = cells[row + j]
        # Equal products are rounded equally, so counts of independent variables give exactly 0.
        s += c * log64((c * n) / (x_count * y_counts[j])) if c > 0.0 else 0.0
    return s


@kernel
def mutual_information(table, x_counts, y_counts):
    """
    Plug-in mutual information of the two variables of a table of counts, in nats.

    `x_counts` are the sums of the rows of `table`, and `y_counts` those of its columns, as
    :func:`margins` computes them.
    """
    rows, columns = table.shape
    cells = as_vector(table)
    n = total_of(x_counts, np.int64(0), x_counts.size)
    if not n > 0.0:
        return 0.0
    s = 0.0
    error = 0.0
    for i in range(rows):
        x_count = x_counts[i]
        if x_count > 0.0:
            for start in range(0, columns, _SHORT_BLOCK):
                stop = start + _SHORT_BLOCK if start + _SHORT_BLOCK < columns else columns
                part = _information_block(cells, i * columns, y_counts, start, stop, x_count, n)
                error += lost_in_sum(s, part)
                s += part
    information = (s + error) / n
    return information if information > 0.0 else 0.0


@kernel
def measures(table, x_counts, y_counts, out):
    """Write the mutual information and the entropies of rows, columns and cells to `out`."""
    out[0] = mutual_information(table, x_counts, y_counts)
    out[1] = entropy_from_counts(x_counts)
    out[2] = entropy_from_counts(y_counts)
    out[3] = entropy_from_counts(as_vector(table))


@kernel
def spread_of_information(table, x_counts, y_counts, n, information):
    """
    Variance of the terms whose mean over the `n` samples is the information.

    The terms are ``log(c n / (row sum * column sum))``.
    """
    rows, columns = table.shape
    cells = as_vector(table)
    s = 0.0
    k = np.uint64(0)
    for i in range(rows):
        for j in range(columns):
            c = cells[k]
            k += np.uint64(1)
            if c > 0.0:
                local = log64(c * n / (x_counts[i] * y_counts[j])) - information
                s += c * (local * local)
    return s / n


@kernel(fastmath=REASSOCIATE, inline=True)
def _pairs_block(rows, columns, counts, start, stop, x_counts, y_counts, n):
    """The sum of ``c log(c n / (row sum * column sum))`` over a block of occupied cells."""
    s = 0.0
    for k in range(np.uint64(start), np.uint64(stop)):
        c = counts[k]
        s += c * log64((c * n) / (x_counts[rows[k]] * y_counts[columns[k]])) if c > 0.0 else 0.0
    return s


@kernel
def mutual_information_of_pairs(rows, columns, counts, x_counts, y_counts):
    """Plug-in information of occupied cells, whose places are `rows` and `columns`."""
    size = counts.size
    n = total_of(x_counts, np.int64(0), x_counts.size)
    if not n > 0.0:
        return 0.0
    s = 0.0
    error = 0.0
    for start in range(0, size, _SHORT_BLOCK):
        stop = start + _SHORT_BLOCK if start + _SHORT_BLOCK < size else size
        part = _pairs_block(rows, columns, counts, start, stop, x_counts, y_counts, n)
        error += lost_in_sum(s, part)
        s += part
    information = (s + error) / n
    return information if information > 0.0 else 0.0
