"""Counts to entropy and mutual information, in nats.

Contract: counts are C-contiguous float64 and not negative; this is not checked. Every result is 0,
never NaN, for counts that are all zero.
"""

from __future__ import annotations

from fastinfo._jit import REASSOCIATE, kernel
from fastinfo.kernels.distributions import total
from fastinfo.kernels.scalar import log64

__all__ = ["entropy_from_counts", "margins", "mutual_information"]

_BLOCK = 1024


@kernel(fastmath=REASSOCIATE, inline=True)
def _entropy_block(counts, n):  # type: ignore[no-untyped-def]
    s = 0.0
    for i in range(counts.size):
        p = counts[i] / n
        s += p * log64(p) if p > 0.0 else 0.0
    return s


@kernel
def entropy_from_counts(counts):  # type: ignore[no-untyped-def]
    """Plug-in entropy of a vector of counts."""
    n = total(counts)
    if not n > 0.0:
        return 0.0
    s = 0.0
    for start in range(0, counts.size, _BLOCK):
        s += _entropy_block(counts[start : start + _BLOCK], n)
    return -s if s < 0.0 else 0.0


@kernel
def margins(table, x_counts, y_counts):  # type: ignore[no-untyped-def]
    """Sums of the rows and of the columns of a table, written to `x_counts` and `y_counts`."""
    y_counts[:] = 0.0
    for i in range(table.shape[0]):
        row = table[i]
        x_counts[i] = total(row)
        for j in range(row.size):
            y_counts[j] += row[j]


@kernel(fastmath=REASSOCIATE, inline=True)
def _information_block(counts, y_counts, x_count, n):  # type: ignore[no-untyped-def]
    s = 0.0
    for j in range(counts.size):
        c = counts[j]
        # Equal products round alike: independent counts give exactly 0.
        s += c * log64((c * n) / (x_count * y_counts[j])) if c > 0.0 else 0.0
    return s


@kernel
def mutual_information(table, x_counts, y_counts):  # type: ignore[no-untyped-def]
    """Plug-in mutual information of a table of counts with these margins."""
    n = total(x_counts)
    if not n > 0.0:
        return 0.0
    s = 0.0
    error = 0.0
    for i in range(table.shape[0]):
        if x_counts[i] > 0.0:
            row = table[i]
            for start in range(0, row.size, _BLOCK):
                stop = start + _BLOCK
                part = _information_block(row[start:stop], y_counts[start:stop], x_counts[i], n)
                t = s + part
                error += (s - t) + part if abs(s) >= abs(part) else (part - t) + s
                s = t
    information = (s + error) / n
    return information if information > 0.0 else 0.0
