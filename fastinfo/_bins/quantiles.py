"""Quantiles of many samples, and edges of bins with equal counts."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from fastinfo._bins.order_statistics import FEWEST, FEWEST_SPREAD, Selected, Spread
from fastinfo._bins.ranges import Range
from fastinfo._codes.coder import (
    all_values,
    bin_samples,
    count_each_value,
    is_small,
    room_for_codes,
)
from fastinfo._codes.label_or_number import distinct_numbers
from fastinfo._core.checks import Array, infinite_range, read_only
from fastinfo._core.coded_variable import Coded
from fastinfo.kernels.binning import sketches
from fastinfo.kernels.binning import sorted_samples as kernels

_MOST_QUANTILES = 1 << 10  # for more quantiles, all samples are sorted
_MOST_DISTINCT = 512  # up to so many distinct numbers are searched for without sorting


def quantile_edges(a: Array, bins: int, given_range: Any = None) -> Array:
    """
    Edges of bins with equal counts, none of which separates equal values that fill a bin.

    They are those of ``quantile(a, linspace(0, 1, bins + 1))`` if no value is that frequent. A
    value that fills a bin has a bin of its own, and the samples between such values share the other
    bins in proportion to their number. If there are no more distinct values than bins, each has a
    bin. NaN and samples outside the range are left out. A single value gets one bin around it.
    Without samples, the bin is the range, or 0 to 1.
    """
    if given_range is None:
        return _cut(a, bins).edges
    first, last = given_range
    inside = a[(a >= first) & (a <= last)]  # NaN is excluded by both comparisons
    if not inside.size or inside.min() == inside.max():
        return _at_ends(inside[:1].astype(np.float64), _cut(inside, bins).edges, given_range)
    return _cut(inside, bins).edges


def code_equal_counts(
    a: Array, bins: int, out: Array | None = None, extent: Range | None = None
) -> Coded:
    """
    Codes of samples in the bins of :func:`quantile_edges`, by the method that found the edges.

    They are written to `out` if it has the right dtype. `extent` is the range and number of the
    samples that are not NaN, if known.
    """
    least = _least_of_long(a)
    if least is not None:  # float64 can represent their differences from the smallest, but not them
        coded = code_equal_counts(a - a.dtype.type(least), bins, out)
        assert coded.edges is not None
        return Coded(coded.codes, coded.n_levels, edges=coded.edges + float(least))
    edges, code = _cut(a, bins, extent)
    if code is None or edges.size <= 2:
        return bin_samples(a, edges, None, out)
    codes = room_for_codes(a.size, edges, out)
    code(edges, codes)
    return Coded(codes, edges.size - 1, edges=edges)


def _least_of_long(a: Array) -> int | None:
    """The smallest of integers that float64 can't represent, if they are close together."""
    if a.dtype.kind not in "iu" or not _has_long_integers(a):
        return None
    least, most = int(a.min()), int(a.max())
    return least if 0 < most - least < 2**53 else None


class _Cut(NamedTuple):
    """Edges of samples, and how the samples are coded among them."""

    edges: Array
    code: Callable[[Array, Array], None] | None = None  #: None: by the general method


def _by_sorting(a: Array, bins: int, extent: Range | None) -> _Cut | None:
    """A few samples, and all others that no other method accepts."""
    if a.size >= FEWEST and bins <= _MOST_QUANTILES and a.dtype.itemsize <= 8:
        return None
    values = np.sort(a[~np.isnan(a)].astype(np.float64) if a.dtype.kind == "f" else a)
    return _Cut(_of_sorted(values.astype(np.float64), bins))


def _by_levels(a: Array, bins: int, extent: Range | None) -> _Cut | None:
    """Samples with no more distinct values than bins."""
    most = min(bins, _MOST_DISTINCT)
    some = a[:: max(a.size // (4 * most), 1)]
    if np.unique(some).size > most + 1:  # NaN counts as one
        return None
    levels = distinct_numbers(a, most)
    if levels is None or (bins == 1 and levels.size > 1):
        return None
    return _Cut(_of_sorted(np.sort(levels[~np.isnan(levels)]).astype(np.float64), bins))


def _by_values(a: Array, bins: int, extent: Range | None) -> _Cut | None:
    """Many integers with few bits: each value is counted, and nothing is sorted."""
    if a.dtype.kind not in "iu" or not is_small(a.dtype, a.size):
        return None
    counts = count_each_value(a)
    if a.size >= FEWEST_SPREAD and int(counts.max()) * 10 * bins <= a.size:
        return None  # cells are small compared with bins
    values = all_values(a.dtype)
    order = np.argsort(values, kind="stable")
    return _Cut(_of_sorted(np.repeat(values[order].astype(np.float64), counts[order]), bins))


def _by_cells(a: Array, bins: int, extent: Range | None) -> _Cut | None:
    """Many samples, if the cells of a grid are small compared with bins."""
    spread = Spread.find(a, bins, extent)
    return None if spread is None else _Cut(spread.edges(), spread.code)


def _by_selection(a: Array, bins: int, extent: Range | None) -> _Cut:
    """Any samples: only those in cells that contain an edge are sorted."""
    selected = Selected(a)
    return _Cut(_edges_by_rank(selected, bins), selected.code)


def _edges_by_rank(selected: Selected, bins: int) -> Array:
    """
    Edges of samples that are not all sorted.

    A value that fills a bin has one of its own. The samples before, between and after such values
    share the other bins, and quantiles divide them.
    """
    n = selected.n
    begin, place, apart = _places(selected.runs(bins), n, bins)
    below = place.astype(np.int64) + begin
    extremes = np.array([0, n - 1])
    ranks = [extremes, begin, below, np.minimum(below + 1, n - 1), apart - 1, apart]
    values = selected.at(np.concatenate(ranks), selected.likely_codes(bins))
    _check_finite(values[:2])
    low, high = values[:2].tolist()
    least, lower, upper = values[2 : 2 + 3 * place.size].reshape(3, -1)
    with np.errstate(over="ignore", invalid="ignore"):
        edges = _interpolated(lower, upper, place - np.floor(place))
    edges = edges[(edges > least) & (edges < high)]
    if apart.size:
        edges = np.sort(
            np.concatenate([edges, between(*values[2 + 3 * place.size :].reshape(2, -1))])
        )
    edges = np.concatenate([[low], edges])
    edges = edges[np.append(True, edges[1:] > np.maximum.accumulate(edges[:-1]))]
    return np.append(edges, high if high > edges[-1] else math.nextafter(high, math.inf))


def _places(runs: Array, n: int, bins: int) -> tuple[Array, Array, Array]:
    """
    Where bins end, if the values of these ranks have a bin each.

    For each quantile: the rank of the first sample that shares its bins, and the place after that
    rank. And the ranks at which a bin of a single value begins or ends.
    """
    if not runs.size:
        place = (n - 1) * (np.arange(1, bins) * (1.0 / bins))
        return np.zeros(bins - 1, np.int64), place, np.empty(0, np.int64)
    starts, stops = runs.T
    begins, ends = np.append(0, stops), np.append(starts, n)  # of the samples that share bins
    room, shares = np.zeros((bins + 1, 3), np.int64), np.empty(bins + 1, np.int64)
    room[: starts.size, :2] = runs
    kernels.share_out(room, starts.size, n, bins, shares)
    inner = np.maximum(shares[: begins.size] - 1, 0)
    part = np.repeat(np.arange(begins.size), inner)
    number = np.arange(part.size) - np.repeat(np.cumsum(inner) - inner, inner) + 1
    place = (ends - begins - 1)[part] * (number * (1.0 / shares[part]))
    return begins[part], place, np.concatenate([starts[starts > 0], stops[stops < n]])


def _interpolated(lower: Array, upper: Array, part: Array) -> Array:
    """Numbers this part of the way from `lower` to `upper`, rounded as by NumPy's quantiles."""
    width = upper - lower
    return np.where(part >= 0.5, upper - width * (1.0 - part), lower + width * part)


def between(below: Array, above: Array) -> Array:
    """
    Edges that separate numbers: above the first ones, and at most the second ones.

    They are those of :func:`fastinfo.kernels.binning.sorted_samples.between`.
    """
    with np.errstate(over="ignore"):
        middle = below + 0.5 * (above - below)
        middle = np.where(np.isfinite(middle), middle, 0.5 * below + 0.5 * above)
    return np.where((below < middle) & (middle <= above), middle, above)


#: Methods to cut samples; the first one that accepts them is used.
_WAYS: tuple[Callable[[Array, int, Range | None], _Cut | None], ...] = (
    _by_sorting,
    _by_values,
    _by_levels,
    _by_cells,
    _by_selection,
)


def _cut(a: Array, bins: int, extent: Range | None = None) -> _Cut:
    """Cut samples into bins of equal counts."""
    return next(found for way in _WAYS if (found := way(a, bins, extent)) is not None)


def _of_sorted(values: Array, bins: int) -> Array:
    """The edges of ascending samples."""
    _check_finite(values)
    edges = edges_of_sorted(read_only(values), bins) if values.size else values
    return _at_ends(values, edges.copy(), None)


def edges_of_sorted(values: Array, bins: int) -> Array:
    """The edges of finite samples (at least one), ascending and in the form that kernels take."""
    edges = np.empty(3 * bins + 3)
    n = kernels.plain_edges(values, bins, edges)
    if not n:
        n = kernels.edges_beside_runs(values, values[0], values.size, 0, bins, edges)
    return edges[:n]


def edges_of_cells(
    lows: Array, highs: Array, counts: Array, bins: int, given_range: Any
) -> tuple[Array, float, Array]:
    """
    Edges of :func:`quantile_edges` from counts in cells between these ascending bounds.

    Also returns by how many bins' worth of samples an edge may be off, and which cells must be
    examined so that it is a twentieth at most.
    """
    bounds = np.concatenate([lows[:1], highs[-1:]])
    edges = np.empty(3 * bins + 3)
    unclear = np.zeros(counts.size, np.bool_)
    _check_finite(bounds)
    n, off = 0, 0.0
    if counts.size:
        cells = read_only(lows), read_only(highs), read_only(np.cumsum(counts))
        n, off = sketches.cell_edges(*cells, bins, edges, unclear)
    return _at_ends(bounds, edges[:n].copy(), given_range), off, unclear


def _check_finite(values: Array) -> None:
    if values.size and not (np.isfinite(values[0]) and np.isfinite(values[-1])):
        raise infinite_range(values[0], values[-1])


def _at_ends(values: Array, edges: Array, given_range: Any) -> Array:
    """A single bin must not extend beyond a range; without samples it is the range."""
    if values.size and values[0] < values[-1]:
        return edges
    if not values.size:
        edges = np.array([0.0, 1.0] if given_range is None else given_range, np.float64)
    first, last = (edges if given_range is None else np.clip(edges, *given_range)).tolist()
    return np.array([first, max(last, math.nextafter(first, math.inf))])


def quantiles(a: Array, q: Array) -> Array:
    """Return :func:`numpy.quantile` of samples without NaN, to the bit, without sorting all."""
    if a.dtype.kind in "biu" and not _has_long_integers(a):
        a = a.astype(np.float64) if a.size < FEWEST else a  # whose differences do not overflow
    elif a.dtype not in (np.float32, np.float64):
        return np.asarray(np.quantile(a, q))
    if a.size < FEWEST or q.size > _MOST_QUANTILES:
        return np.asarray(np.quantile(a if a.dtype.kind == "f" else a.astype(np.float64), q))
    place = (a.size - 1) * q
    below = np.minimum(np.floor(place).astype(np.int64), a.size - 1)
    above = np.minimum(below + 1, a.size - 1)
    ranks, found = np.unique(np.concatenate([below, above]), return_inverse=True)
    values = np.full(ranks.size, a[0]) if (a == a[0]).all() else Selected(a).at(ranks)
    values = values[found]
    if a.dtype == np.float32:
        values = values.astype(np.float32)
    return np.asarray(_interpolated(values[: q.size], values[q.size :], place - below))


def _has_long_integers(a: Array) -> bool:
    """Whether there are integers that float64 can't represent."""
    if a.dtype.itemsize < 8:
        return False
    return bool(a.size) and max(-int(a.min()), int(a.max())) > 2**53
