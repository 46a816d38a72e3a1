"""Quantiles of many samples, and edges with equally many samples between them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fastinfo._codes import CHUNK, Coded, code_dtype
from fastinfo._coding import coder_of
from fastinfo._ranges import find_range
from fastinfo._selected import FEWEST, Selected
from fastinfo._threads import run_in_order, spans
from fastinfo._validate import Array, read_only
from fastinfo.encoding import distinct_numbers
from fastinfo.kernels import equal_counts as kernels

__all__ = ["code_equal_counts", "edges_of_sorted", "quantile_edges", "quantiles"]

_MOST_QUANTILES = 1 << 10  # of more, all samples are sorted
_MOST_DISTINCT = 512  # so many distinct numbers are looked for without a sort


def quantile_edges(a: Array, bins: int, given_range: Any = None) -> Array:
    """
    Edges with equally many samples between them, and none within repeated ones that fill a bin.

    Those of ``quantile(a, linspace(0, 1, bins + 1))`` where nothing repeats so often. A value that
    fills a bin or more has one of its own, what lies between such values shares the other bins by
    number; of no more distinct values than bins each has a bin. Samples that are NaN, and those
    outside the range if one is given, are left out. A single value gets one bin around it, no
    sample at all the bin from 0 to 1, or that of the range.
    """
    return _find(a, bins, given_range)[0]


def code_equal_counts(a: Array, bins: int) -> Coded:
    """Codes of samples in bins of :func:`quantile_edges`; what cut them is used to code them."""
    edges, selected = _find(a, bins, None)
    if selected is not None and edges.size > 2:
        return Coded(selected.codes(edges), edges.size - 1, edges=edges)  # a grid for it is there
    codes = np.empty(a.size, code_dtype(edges.size - 1))
    code = coder_of(a, edges, a.dtype)

    def fill(span: tuple[int, int]) -> None:
        code(a[slice(*span)], codes[slice(*span)])

    run_in_order(fill, spans(a.size, CHUNK))
    return Coded(codes, edges.size - 1, edges=edges)


def _find(a: Array, bins: int, given_range: Any) -> tuple[Array, Selected | None]:
    """Edges, and the samples in cells, where these are of all of them."""
    low, high, n = find_range(a)
    if n and given_range is None and not (np.isfinite(low) and np.isfinite(high)):
        raise ValueError(f"autodetected range of [{low}, {high}] is not finite")
    if given_range is not None and n:
        first, last = given_range
        if not (low >= first and high <= last):
            a = a[(a >= first) & (a <= last)]  # NaN is neither
            low, high, n = find_range(a)
    if n == 0:
        return _within(np.array([0.0, 1.0] if given_range is None else given_range), None), None
    low, high = float(low), float(high)
    if low == high:
        return _within(edges_of_sorted(np.array([low]), 1), given_range), None
    if n < FEWEST or bins > _MOST_QUANTILES or a.dtype.itemsize > 8:
        present = a if n == a.size else a[~np.isnan(a)]
        return edges_of_sorted(np.sort(present.astype(np.float64)), bins), None
    if bins > 1:
        levels = distinct_numbers(a, min(bins, _MOST_DISTINCT))
        if levels is not None:
            return edges_of_sorted(levels[~np.isnan(levels)].astype(np.float64), bins), None
    selected = Selected(a, low, high)
    return selected.edges(bins), selected


def _within(edges: Array, given_range: Any) -> Array:
    """The edges of a single bin, which takes nothing in from outside of the range."""
    first, last = (edges if given_range is None else np.clip(edges, *given_range)).tolist()
    return np.array([first, max(last, math.nextafter(first, math.inf))], np.float64)


def edges_of_sorted(values: Array, bins: int) -> Array:
    """The same of ascending float64 that are finite, at least one."""
    edges = np.empty(3 * bins + 3)
    return edges[: kernels.sorted_edges(read_only(values), bins, edges)].copy()


def quantiles(a: Array, q: Array) -> Array:
    """Return :func:`numpy.quantile` of samples without NaN, to the bit, without sorting them."""
    if a.dtype.kind in "biu" and not _has_long_integers(a):
        a = a.astype(np.float64) if a.size < FEWEST else a  # in which differences do not overflow
    elif a.dtype not in (np.float32, np.float64):
        return np.asarray(np.quantile(a, q))
    if a.size < FEWEST or q.size > _MOST_QUANTILES:
        return np.asarray(np.quantile(a if a.dtype.kind == "f" else a.astype(np.float64), q))
    place = (a.size - 1) * q
    below = np.minimum(np.floor(place).astype(np.int64), a.size - 1)
    above = np.minimum(below + 1, a.size - 1)
    ranks, found = np.unique(np.concatenate([below, above]), return_inverse=True)
    low, high, _ = find_range(a)
    values = np.asarray(low) if low == high else Selected(a, low, high).at(ranks)
    values = np.broadcast_to(values, ranks.shape)[found]
    if a.dtype == np.float32:
        values = values.astype(np.float32)
    lower, upper = values[: q.size], values[q.size :]
    part = place - below
    width = upper - lower
    return np.asarray(np.where(part >= 0.5, upper - width * (1.0 - part), lower + width * part))


def _has_long_integers(a: Array) -> bool:
    """Whether there are integers that float64 does not hold."""
    if a.dtype.itemsize < 8:
        return False
    return bool(a.size) and max(-int(a.min()), int(a.max())) > 2**53
