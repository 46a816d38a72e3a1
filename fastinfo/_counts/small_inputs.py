"""Small inputs, where the way to a kernel costs more than the kernel: one call counts them.

Plain input (NumPy's vectors, nothing missing, bins by number) is counted here; for any other these
functions return None, and the general way counts it, or raises.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fastinfo._bins.quantiles import edges_of_sorted
from fastinfo._bins.ranges import PairRange
from fastinfo._bins.rules import mi_bins
from fastinfo._codes.integers import as_few
from fastinfo._codes.label_or_number import MOST_LABELS
from fastinfo._core.checks import Array, as_vector, read_only
from fastinfo._counts.table import Table
from fastinfo.kernels import fused
from fastinfo.kernels.binning import edges as binning

_MOST = 1 << 14  # samples: more of them take longer than the way
_MOST_BINS = 256


def count_small_labels(x: Any, y: Any) -> Table | None:
    """Count pairs of integers or booleans."""
    if type(x) is not np.ndarray or type(y) is not np.ndarray:
        return None
    p, q = as_few(x), as_few(y)
    if p is None or q is None or p.size != q.size:
        return None
    counts = fused.count_labels(p, q)
    return Table.whole(*counts) if counts[0].size else None


def _count_equal_counts(x: Array, y: Array, bins: Any) -> Table | None:
    """Count pairs of floats of one dtype in bins of equally many."""
    number = mi_bins(x.size) if bins == "mi" else bins
    if number > _MOST_BINS:
        return None
    edges = []
    for a in (x, y):
        values = np.sort(a)
        if not (-math.inf < values[0] and values[-1] < math.inf):  # NaN is the last one
            return None
        values = read_only(values.astype(np.float64, copy=False))
        edges.append(read_only(edges_of_sorted(values, number)))
    nx, ny = (e.size - 1 for e in edges)
    counts, x_counts, y_counts = np.empty((nx, ny)), np.empty(nx), np.empty(ny)
    fused.count_between(x, y, edges[0], edges[1], counts, x_counts, y_counts)
    return Table.whole(counts, x_counts, y_counts)


def _count_equal_widths(x: Array, y: Array, bins: Any) -> Table | None:
    """Count pairs of floats of one dtype in equal bins."""
    moments = np.empty(10)
    binning.pair_moments(x, y, float(x[0]), float(y[0]), moments)
    pair = PairRange(moments.tolist(), (x[0], y[0]))
    (x_low, x_high, n), (y_low, y_high, _) = pair.ranges
    number = mi_bins(n, pair.correlation) if bins == "mi" else bins
    width = max(x_high, y_high) - min(x_low, y_low)
    if n < x.size or not math.isfinite(width) or number > _MOST_BINS:
        return None
    counts, work = np.empty((number, number)), np.empty(fused.work_size(number, number))
    margins = np.empty(number), np.empty(number)
    done = fused.count_numbers(x, y, x_low, x_high, y_low, y_high, counts, *margins, work)
    return Table.whole(counts, *margins) if done else None


def count_small(x: Any, y: Any, bins: Any, strategy: str) -> Table | None:
    """Count pairs of samples of one kind: floats of one dtype in bins, or integers as labels."""
    p, q = as_vector(x), as_vector(y)
    if p is None or q is None:
        table = count_small_labels(x, y)
        return None if table is None or max(table.shape) > MOST_LABELS else table
    if p.dtype is not q.dtype or p.size != q.size or not 0 < p.size <= _MOST:
        return None
    if bins == "mi" if isinstance(bins, str) else type(bins) is int and 0 < bins <= _MOST_BINS:
        by_counts = strategy == "quantile"
        return (_count_equal_counts if by_counts else _count_equal_widths)(p, q, bins)
    return None
