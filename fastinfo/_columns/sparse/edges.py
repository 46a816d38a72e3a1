"""Code sparse numbers as the dense column would be coded, without making it dense."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from fastinfo._bins.options import Binning
from fastinfo._bins.order_statistics import FEWEST, FEWEST_SPREAD
from fastinfo._bins.quantiles import edges_of_sorted
from fastinfo._bins.ranges import Range
from fastinfo._codes.coder import bin_samples
from fastinfo._column_readers.sparse_columns import SparseColumn
from fastinfo._core.checks import Array, read_only
from fastinfo.kernels.binning.sorted_samples import edges_beside_runs

_MOST_QUANTILES = 1 << 10  # with more, edges are those of sorted samples, for any number of samples
_MOST_DISTINCT = 512  # with many samples, up to this many values have a bin each
_LARGEST = 2**53  # float64 represents all integers up to this


class BinnedColumn(NamedTuple):
    """Codes of a column of numbers."""

    codes: Array  #: codes of the stored samples
    usual: int  #: code of all other samples
    n_levels: int
    missing: Array  #: which of the stored samples are missing
    n_infinite: int


def bin_column(column: SparseColumn, own: Binning) -> BinnedColumn | None:
    """
    Codes of numbers in the bins of all samples; None if every sample has to be looked at.

    Infinite samples are in no bin, unless edges are given.
    """
    values = column.values.view(np.uint8) if column.dtype.kind == "b" else column.values
    fill, n_implied = values.dtype.type(column.fill), column.n_rows - values.size
    floats = values.dtype.kind == "f"
    long = not floats and values.itemsize == 8 and values.size > 0
    if long and max(-int(values.min()), int(values.max())) >= _LARGEST:
        return None
    missing = np.isnan(values) if floats else np.zeros(values.size, np.bool_)
    implied = n_implied if fill == fill else 0
    if not (own.edges_given or np.isfinite(fill)) and implied:
        return None  # an unusual fill value of pandas
    kept = values[~missing]
    outside = np.zeros(0, np.bool_)
    if floats and not own.edges_given:
        outside = np.isinf(kept)
        kept = kept[~outside] if outside.any() else kept
    n = kept.size + implied
    if own.alone:
        number, edges = own.number_of(n), None
        if number is not None:
            edges = _equal_counts(kept, float(fill), implied, column.n_rows, number)
    elif isinstance(own.bins, str) and not own.by_rule_mi:
        edges = None
    else:
        extent = Range.of(kept)
        if implied:
            one = Range.of(np.array([fill]))
            low, high, _ = one if not kept.size else extent | one
            extent = Range(low, high, n)
        edges = own.edges(values, extent)
    if edges is None:
        return None
    samples = np.append(values, fill)
    if outside.any():
        samples[np.isinf(samples)] = np.nan
    coded = bin_samples(samples, edges)
    n_infinite = int(np.count_nonzero(outside))
    return BinnedColumn(coded.codes[:-1], int(coded.codes[-1]), coded.n_levels, missing, n_infinite)


def _equal_counts(values: Array, fill: float, n_fill: int, n_rows: int, bins: int) -> Array | None:
    """
    Edges of equal counts of finite samples, `n_fill` of which equal the fill value.

    None if edges for so many rows would be the beginnings of grid cells.
    """
    numbers = values.astype(np.float64)
    own = numbers == fill
    n_fill += int(np.count_nonzero(own)) if n_fill else 0
    numbers = np.sort(numbers[~own] if n_fill else numbers)
    n = numbers.size + n_fill
    if n_rows >= FEWEST_SPREAD <= n and n_fill * 10 * bins <= n:
        return None
    if not n:
        return np.array([0.0, 1.0])
    below = int(np.searchsorted(numbers, fill)) if n_fill else numbers.size
    most = min(bins, _MOST_DISTINCT) if n_rows >= FEWEST and bins <= _MOST_QUANTILES else bins
    first = np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1])[: numbers.size])
    n_levels = first.size + (n_fill > 0)
    if n_levels == 1 or (n_levels <= most and bins > 1):
        levels = numbers[first]
        if n_fill:
            levels = np.insert(levels, np.searchsorted(levels, fill), fill)
        edges = edges_of_sorted(read_only(levels), bins)
        if n_levels > 1:
            return edges.copy()
        low, high = edges.tolist()
        return np.array([low, max(high, math.nextafter(low, math.inf))])
    edges = np.empty(3 * bins + 3)
    n_edges = edges_beside_runs(read_only(numbers), fill, below, n_fill, bins, edges)
    return edges[:n_edges].copy()
