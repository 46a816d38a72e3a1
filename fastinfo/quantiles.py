"""Quantiles of many samples, and edges with equally many samples between them."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinfo._codes import CHUNK, code_dtype
from fastinfo._coding import coder
from fastinfo._ranges import find_range
from fastinfo._threads import run_in_order, spans
from fastinfo._validate import Array, as_block, read_only
from fastinfo.kernels import counting as counting_kernels
from fastinfo.kernels import searching as kernels

__all__ = ["quantile_edges", "quantiles"]

_MANY = 1 << 18  # fewer samples are left to NumPy
_DRAWN = 1 << 16  # samples that show where the others are
_BUCKETS = 1 << 13


def quantile_edges(a: Array, bins: int, given_range: Any = None) -> Array:
    """
    Edges with equally many samples between them: ``unique(quantile(a, linspace(0, 1, bins + 1)))``.

    Samples that are NaN, and those outside the range if one is given, are left out. A single value
    gets one bin around it, no sample at all the bin from 0 to 1.
    """
    low, high, n = find_range(a)
    if n and given_range is None and not (np.isfinite(low) and np.isfinite(high)):
        raise ValueError(f"autodetected range of [{low}, {high}] is not finite")
    present = a if n == a.size else a[~np.isnan(a)]
    if given_range is not None:
        first, last = given_range
        if not (low >= first and high <= last):
            present = present[(present >= first) & (present <= last)]
    if present.size == 0:
        return np.array([0.0, 1.0])
    edges = np.unique(quantiles(present, np.linspace(0.0, 1.0, bins + 1)))
    return edges if edges.size > 1 else np.array([edges[0] - 0.5, edges[0] + 0.5])


def quantiles(a: Array, q: Array) -> Array:
    """
    Return :func:`numpy.quantile` of samples without NaN, to the bit.

    Of many samples, only those are sorted that lie near the wanted ones: a random few of them cut
    the others into buckets, which are counted first.
    """
    if a.dtype.kind in "biu" and not _has_long_integers(a):
        a = a.astype(np.float64) if a.size < _MANY else a  # in which differences do not overflow
    elif a.dtype not in (np.float32, np.float64):
        return np.asarray(np.quantile(a, q))
    if a.size < _MANY or q.size * 8 > _BUCKETS:
        return np.asarray(np.quantile(a if a.dtype.kind == "f" else a.astype(np.float64), q))
    place = (a.size - 1) * q
    below = np.minimum(np.floor(place).astype(np.int64), a.size - 1)
    above = np.minimum(below + 1, a.size - 1)
    ranks, found = np.unique(np.concatenate([below, above]), return_inverse=True)
    values = _order_statistics(a, ranks)[found]
    lower, upper = values[: q.size], values[q.size :]
    part = place - below
    width = upper - lower
    return np.asarray(np.where(part >= 0.5, upper - width * (1.0 - part), lower + width * part))


def _has_long_integers(a: Array) -> bool:
    """Whether there are integers that float64 does not hold."""
    if a.dtype.itemsize < 8:
        return False
    return bool(a.size) and max(-int(a.min()), int(a.max())) > 2**53


def _order_statistics(a: Array, ranks: Array) -> Array:
    """The samples that would have these places, if all were sorted."""
    low, high, _ = find_range(a)
    drawn = a[np.random.default_rng(0).integers(a.size, size=_DRAWN)].astype(np.float64)
    drawn.sort()
    cuts = np.unique(np.concatenate([[low, high], drawn[:: _DRAWN // _BUCKETS]]))
    if cuts.size == 1:
        return np.full(ranks.size, cuts[0])
    code = coder(cuts, a.dtype)
    buckets = cuts.size - 1
    codes = np.empty(a.size, code_dtype(buckets))

    def cut(span: tuple[int, int]) -> Array:
        part = slice(*span)
        code(a[part], codes[part])
        counts = np.zeros(buckets + 1, np.int64)
        counting_kernels.count_codes(read_only(codes[part]), counts)
        return counts

    counts = np.sum(run_in_order(cut, spans(a.size, CHUNK)), axis=0)
    ends = np.cumsum(counts[:buckets])
    inside = np.searchsorted(ends, ranks, side="right")  # the bucket of each rank
    wanted = np.zeros(buckets + 1, np.bool_)
    wanted[inside] = True
    chosen = read_only(wanted)

    def pick(span: tuple[int, int]) -> Array:
        block = as_block(a[slice(*span)])
        out = np.empty(block.size, block.dtype)
        return out[: kernels.pick(block, read_only(codes[slice(*span)]), chosen, out)].copy()

    picked = np.concatenate(run_in_order(pick, spans(a.size, CHUNK)))
    picked.sort()
    kept = np.where(wanted[:buckets], counts[:buckets], 0)
    skipped = ends - np.cumsum(kept)  # samples below the end of a bucket that were not picked
    return np.asarray(picked[ranks - skipped[inside]])
