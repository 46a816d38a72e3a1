"""Counts to entropy and mutual information, in nats.

Contract: counts are C-contiguous float64 and not negative; this is not checked. Every result is 0,
never NaN, for counts that are all zero.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import REASSOCIATE, kernel
from fastinfo.kernels.distributions.divergences import total
from fastinfo.kernels.elementary.scalar import log64, lost_in_sum

_BLOCK = 1024
_SHORT_BLOCK = 64  # short enough that the order of a sum changes a mutual information by 2 ulp


@kernel(fastmath=REASSOCIATE, inline=True)
def _entropy_block(counts, n):
    s = 0.0
    for i in range(counts.size):
        p = counts[i] / n
        s += p * log64(p) if p > 0.0 else 0.0
    return s


@kernel
def entropy_from_counts(counts):
    """Plug-in entropy of a vector of counts."""
    n = total(counts)
    if not n > 0.0:
        return 0.0
    s = 0.0
    for start in range(0, counts.size, _BLOCK):
        s += _entropy_block(counts[start : start + _BLOCK], n)
    return -s if s < 0.0 else 0.0


@kernel(inline=True)
def _closed(s, error):
    """A compensated sum as one number; its error term is NaN once the sum is infinite."""
    return s + error if np.isfinite(s) else s


@kernel
def _add_row(row, sums, errors):
    for j in range(sums.size):
        errors[j] += lost_in_sum(sums[j], row[j])
        sums[j] += row[j]


@kernel
def margins(table, x_counts, y_counts):
    """Sums of the rows and of the columns of a table, written to `x_counts` and `y_counts`."""
    errors = np.zeros(y_counts.size)
    for j in range(y_counts.size):
        y_counts[j] = 0.0
    for i in range(table.shape[0]):
        x_counts[i] = total(table[i])
        _add_row(table[i], y_counts, errors)
    for j in range(y_counts.size):
        y_counts[j] = _closed(y_counts[j], errors[j])


@kernel
def _add_to(places, counts, sums):
    errors = np.zeros(sums.size)
    for k in range(sums.size):
        sums[k] = 0.0
    for k in range(counts.size):
        i = places[k]
        errors[i] += lost_in_sum(sums[i], counts[k])
        sums[i] += counts[k]
    for k in range(sums.size):
        sums[k] = _closed(sums[k], errors[k])


@kernel
def margins_of_pairs(rows, columns, counts, x_counts, y_counts):
    """Sums of rows and of columns of the cells at `rows` and `columns`, written as by `margins`."""
    _add_to(rows, counts, x_counts)
    _add_to(columns, counts, y_counts)


@kernel(fastmath=REASSOCIATE, inline=True)
def _information_block(counts, y_counts, x_count, n):
    s = 0.0
    for j in range(counts.size):
        c = counts[j]
        # Equal products round alike: independent counts give exactly 0.
        s += c * log64((c * n) / (x_count * y_counts[j])) if c > 0.0 else 0.0
    return s


@kernel
def mutual_information(table, x_counts, y_counts):
    """Plug-in mutual information of a table of counts with these margins."""
    n = total(x_counts)
    if not n > 0.0:
        return 0.0
    s = 0.0
    error = 0.0
    for i in range(table.shape[0]):
        if x_counts[i] > 0.0:
            row = table[i]
            for start in range(0, row.size, _SHORT_BLOCK):
                stop = start + _SHORT_BLOCK
                part = _information_block(row[start:stop], y_counts[start:stop], x_counts[i], n)
                error += lost_in_sum(s, part)
                s += part
    information = (s + error) / n
    return information if information > 0.0 else 0.0


@kernel(fastmath=REASSOCIATE, inline=True)
def _pairs_block(rows, columns, counts, x_counts, y_counts, n):
    s = 0.0
    for k in range(counts.size):
        c = counts[k]
        s += c * log64((c * n) / (x_counts[rows[k]] * y_counts[columns[k]])) if c > 0.0 else 0.0
    return s


@kernel
def mutual_information_of_pairs(rows, columns, counts, x_counts, y_counts):
    """Plug-in mutual information of the cells at `rows` and `columns`, with these margins."""
    n = total(x_counts)
    if not n > 0.0:
        return 0.0
    s = 0.0
    error = 0.0
    for start in range(0, counts.size, _SHORT_BLOCK):
        stop = start + _SHORT_BLOCK
        part = _pairs_block(
            rows[start:stop], columns[start:stop], counts[start:stop], x_counts, y_counts, n
        )
        error += lost_in_sum(s, part)
        s += part
    information = (s + error) / n
    return information if information > 0.0 else 0.0
