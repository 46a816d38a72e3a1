"""Small inputs, for which calling a kernel takes longer than the kernel: one call counts them.

Plain input is counted here: NumPy vectors without missing values, and a number of bins. For any
other input the functions return None, and the general code counts it or raises an error.
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
from fastinfo._counts.dense import count_between
from fastinfo._counts.table import Table
from fastinfo.kernels import fused
from fastinfo.kernels.binning import edges as kernels

_MOST = 1 << 14  # counting more samples than this takes longer than calling a kernel
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
    """Count pairs of floats of one dtype in bins of equal counts."""
    edges = _equal_counts(x, y, bins)
    if edges is None:
        return None
    nx, ny = (e.size - 1 for e in edges)
    counts, x_counts, y_counts = np.empty((nx, ny)), np.empty(nx), np.empty(ny)
    fused.count_between(x, y, *edges, counts, x_counts, y_counts)
    return Table.whole(counts, x_counts, y_counts)


def _equal_counts(x: Array, y: Array, bins: Any) -> tuple[Array, Array] | None:
    """Edges of bins of equal counts."""
    number = mi_bins(x.size) if bins == "mi" else bins
    edges = (few_edges(x, number), few_edges(y, number)) if number <= _MOST_BINS else (None, None)
    return None if edges[0] is None or edges[1] is None else (edges[0], edges[1])


class _Widths(NamedTuple):
    """Bounds of two variables, and the number of bins of equal width between them."""

    number: int
    x: tuple[float, float]
    y: tuple[float, float]


def _equal_widths(x: Array, y: Array, bins: Any) -> _Widths | None:
    moments = np.empty(10)
    kernels.pair_moments(x, y, float(x[0]), float(y[0]), moments)
    pair = PairRange(moments.tolist(), (x[0], y[0]))
    (x_low, x_high, n), (y_low, y_high, _) = pair.ranges
    number = mi_bins(n, pair.correlation) if bins == "mi" else bins
    width = max(x_high, y_high) - min(x_low, y_low)
    if n < x.size or not math.isfinite(width) or number > _MOST_BINS:
        return None
    return _Widths(number, (x_low, x_high), (y_low, y_high))


def _count_equal_widths(x: Array, y: Array, bins: Any) -> Table | None:
    """Count pairs of floats of one dtype in bins of equal width."""
    found = _equal_widths(x, y, bins)
    if found is None:
        return None
    number = found.number
    counts, work = np.empty((number, number)), np.empty(fused.work_size(number, number))
    margins = np.empty(number), np.empty(number)
    done = fused.count_numbers(x, y, *found.x, *found.y, counts, *margins, work)
    return Table.whole(counts, *margins) if done else None


def count_small(x: Any, y: Any, bins: Any, strategy: str) -> Table | None:
    """Count pairs of samples of one kind: floats of one dtype in bins, or integers as labels."""
    p, q = as_vector(x), as_vector(y)
    if p is None or q is None:
        table = count_small_labels(x, y)
        return None if table is None or max(table.shape) > MOST_LABELS else table
    if not _are_plain(p, q, bins):
        return None
    return (_count_equal_counts if strategy == "quantile" else _count_equal_widths)(p, q, bins)


def _are_plain(x: Array, y: Array, bins: Any) -> bool:
    """Whether vectors of floats have one dtype, and bins are a number or the rule "mi"."""
    if x.dtype is not y.dtype or x.size != y.size or not 0 < x.size <= _MOST:
        return False
    if isinstance(bins, str):
        return bins == "mi"
    return type(bins) is int and 0 < bins <= _MOST_BINS


def count_few(x: Any, y: Any, binning: Binning) -> Counted | None:
    """Count pairs as by :func:`count_small`, with the meaning of the table's rows and columns."""
    discrete = binning.discrete
    auto = isinstance(discrete, str) and discrete == "auto"
    if not (auto or discrete is True) or binning.range is not None:
        return None
    p, q = as_vector(x), as_vector(y)
    if p is None or q is None:
        return _count_few_labels(x, y, not auto)
    edges = _edges(p, q, binning) if auto and _are_plain(p, q, binning.bins) else None
    table = None if edges is None else count_between(p, q, *edges)
    if edges is None or table is None:
        return None
    return Counted(Table.of(table), *edges, None, None, 0, 0)


def _edges(x: Array, y: Array, binning: Binning) -> tuple[Array, Array] | None:
    """Edges for a few floats, or None if the general code has to find them."""
    if binning.strategy == "quantile":
        return _equal_counts(x, y, binning.bins)
    found = _equal_widths(x, y, binning.bins) if x.dtype == np.float64 else None
    if found is None:
        return None
    edges = np.empty(found.number + 1), np.empty(found.number + 1)
    for own, bounds in zip(edges, (found.x, found.y), strict=True):
        kernels.equal_edges(*bounds, own)
    return edges


def _count_few_labels(x: Any, y: Any, said: bool) -> Counted | None:
    """Count pairs of integers or booleans that are labels: `said` so, or few are distinct."""
    if type(x) is not np.ndarray or type(y) is not np.ndarray or x.size != y.size:
        return None
    p, q = encode_few(x), encode_few(y)
    if p is None or q is None or (max(p.n_levels, q.n_levels) > MOST_LABELS and not said):
        return None
    return Counted(Table.count(p, q), None, None, p.levels, q.levels, 0, 0)
