"""Small inputs, where the way to a kernel costs more than the kernel: one call counts them.

Plain input (NumPy's vectors, nothing missing, bins by number) is counted here; for any other these
functions return None, and the general way counts it, or raises.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from fastinfo._bins.few_samples import few_edges
from fastinfo._bins.options import Binning
from fastinfo._bins.ranges import PairRange
from fastinfo._bins.rules import mi_bins
from fastinfo._codes.integers import as_few
from fastinfo._codes.label_or_number import MOST_LABELS
from fastinfo._codes.labels import encode_few
from fastinfo._core.checks import Array, as_vector
from fastinfo._counts.counted import Counted
from fastinfo._counts.table import Table
from fastinfo.kernels import fused
from fastinfo.kernels.binning import edges as kernels

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


class _Binned(NamedTuple):
    """Counts of numbers, float64, and the edges between which they were counted."""

    table: Table
    x_edges: Array
    y_edges: Array


def _count_equal_counts(x: Array, y: Array, bins: Any) -> _Binned | None:
    """Count pairs of floats of one dtype in bins of equally many."""
    number = mi_bins(x.size) if bins == "mi" else bins
    if number > _MOST_BINS:
        return None
    x_edges, y_edges = few_edges(x, number), few_edges(y, number)
    if x_edges is None or y_edges is None:
        return None
    nx, ny = x_edges.size - 1, y_edges.size - 1
    counts, x_counts, y_counts = np.empty((nx, ny)), np.empty(nx), np.empty(ny)
    fused.count_between(x, y, x_edges, y_edges, counts, x_counts, y_counts)
    return _Binned(Table.whole(counts, x_counts, y_counts), x_edges, y_edges)


def _count_equal_widths(x: Array, y: Array, bins: Any) -> _Binned | None:
    """Count pairs of floats of one dtype in equal bins."""
    moments = np.empty(10)
    kernels.pair_moments(x, y, float(x[0]), float(y[0]), moments)
    pair = PairRange(moments.tolist(), (x[0], y[0]))
    (x_low, x_high, n), (y_low, y_high, _) = pair.ranges
    number = mi_bins(n, pair.correlation) if bins == "mi" else bins
    width = max(x_high, y_high) - min(x_low, y_low)
    if n < x.size or not math.isfinite(width) or number > _MOST_BINS:
        return None
    counts, work = np.empty((number, number)), np.empty(fused.work_size(number, number))
    margins = np.empty(number), np.empty(number)
    done = fused.count_numbers(x, y, x_low, x_high, y_low, y_high, counts, *margins, work)
    if not done:
        return None
    size = 2 * number + 2
    edges = work[:size] if x.dtype == np.float64 else work[size : 2 * size].view(x.dtype)[:size]
    return _Binned(Table.whole(counts, *margins), edges[: number + 1], edges[number + 1 :])


def count_small(x: Any, y: Any, bins: Any, strategy: str) -> Table | None:
    """Count pairs of samples of one kind: floats of one dtype in bins, or integers as labels."""
    p, q = as_vector(x), as_vector(y)
    if p is None or q is None:
        table = count_small_labels(x, y)
        return None if table is None or max(table.shape) > MOST_LABELS else table
    found = _count_floats(p, q, bins, strategy)
    return None if found is None else found.table


def _count_floats(x: Array, y: Array, bins: Any, strategy: str) -> _Binned | None:
    """Count pairs of floats, where they are of one dtype and bins are a number or a rule."""
    if x.dtype is not y.dtype or x.size != y.size or not 0 < x.size <= _MOST:
        return None
    if bins == "mi" if isinstance(bins, str) else type(bins) is int and 0 < bins <= _MOST_BINS:
        by_counts = strategy == "quantile"
        return (_count_equal_counts if by_counts else _count_equal_widths)(x, y, bins)
    return None


def count_few(x: Any, y: Any, binning: Binning) -> Counted | None:
    """Count pairs as :func:`count_small`, with what the rows and columns of the table stand for."""
    discrete = binning.discrete
    auto = isinstance(discrete, str) and discrete == "auto"
    if not (auto or discrete is True) or binning.range is not None:
        return None
    p, q = as_vector(x), as_vector(y)
    if p is None or q is None:
        return _count_few_labels(x, y, not auto)
    if not auto:
        return None
    found = _count_floats(p, q, binning.bins, binning.strategy)
    if found is None:
        return None
    counts = found.table.values.astype(np.int64)
    table = Table(counts, found.table.shape)
    return Counted(table, found.x_edges, found.y_edges, None, None, 0, 0)


def _count_few_labels(x: Any, y: Any, said: bool) -> Counted | None:
    """Count pairs of integers or booleans: labels, as is `said`, or since few of them differ."""
    if type(x) is not np.ndarray or type(y) is not np.ndarray or x.size != y.size:
        return None
    p, q = encode_few(x), encode_few(y)
    if p is None or q is None or (max(p.n_levels, q.n_levels) > MOST_LABELS and not said):
        return None
    return Counted(Table.count(p, q), None, None, p.levels, q.levels, 0, 0)
