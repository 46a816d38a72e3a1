"""Estimates for two columns, one of which may be labels."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from fastinfo._core.checks import Array
from fastinfo._core.threads import spans
from fastinfo._neighbors.distances import Ranked, Reach, tree_distances
from fastinfo._neighbors.sums import (
    bounds_of,
    digamma_of,
    digamma_sum,
    digammas,
    excess,
    mean_of_sorted,
    total_of,
)
from fastinfo.kernels.neighbors import extents, ksg, neighbor_counts, strips

_TRIED = 256  # so many searches are tried, to see whether strips or a tree is faster
_SLOW = 1500.0  # nanoseconds per search; if the estimate is higher, a tree is used


class Estimate(NamedTuple):
    """An estimate of information, and its parts."""

    information: float  #: nats
    ties: int  #: number of samples with a tied distance
    of_x: float = math.nan  #: mean of digamma of the numbers of neighbours in x
    of_y: float = math.nan
    distances: Array | None = None  #: distances of the k-th neighbours, in any order


def pair_information(x: Ranked, y: Ranked, k: int, way: str = "ksg") -> Estimate:
    """Estimate for two columns that vary, more than `k` samples; "lowered" as scikit-learn."""
    n = x.values.size
    bits = strips.bits_of_strips(n, k)
    px, py = np.empty((2, n))
    x_rank, y_rank = np.empty((2, n), np.uint32)
    strips.fill_strips(x.values, y.values, x.ranks, y.places, bits, px, py, x_rank, y_rank)
    tried = min(_TRIED, n >> 3)
    if tried and strips.strip_work(px, py, x.values, bits, k, tried) > _SLOW:
        points = np.empty((n, 2))
        for c, column in enumerate((x, y)):
            points[column.places, c] = column.values
        reach = tree_distances(points, k, way == "ksg2")
        of_x, of_y = (
            mean_of_sorted(column, distances, way)
            for column, distances in zip((x, y), sides_of(reach), strict=True)
        )
        return estimate_of(points, reach, k, way, of_x, of_y)
    by_strips, by_y, tied = np.empty(n), np.empty(n), np.empty(n, np.bool_)

    def of_strips(piece: tuple[int, int]) -> float:
        here = slice(piece[0] << bits, piece[1] << bits)
        reach = by_strips[here]
        strips.strip_distances(px, py, x.values, bits, k, *piece, reach, tied[here])
        across, along = reach, reach
        if way == "ksg2":
            across, along = np.empty((2, reach.size))
            extents.strip_extents(px, py, x.values, bits, reach, *piece, across, along)
        by_y[y_rank[here]] = bounds_of(along, way)
        return digamma_sum(x.values, x_rank[here], bounds_of(across, way), way)

    def of_ranks(piece: tuple[int, int]) -> float:
        ranks = np.arange(*piece, dtype=np.uint32)
        return digamma_sum(y.values, ranks, by_y[slice(*piece)], way)

    pieces = spans(((n - 1) >> bits) + 1, max(1, ksg.CHUNK >> bits))
    of_x, of_y = total_of(of_strips, pieces), total_of(of_ranks, spans(n, ksg.CHUNK))
    total = of_x + of_y
    ties = int(np.count_nonzero(tied))
    if way == "mixed" and ties:
        points = np.ascontiguousarray(np.stack([px, py], axis=1))
        total -= excess(points, by_y[y_rank], tied, k)
    found = _own(k, way) + digamma_of(n) - total / n
    return Estimate(found, ties, of_x / n, of_y / n, by_strips)


def _own(k: int, way: str) -> float:
    """Digamma of k, or less if k is the number of neighbours in a rectangle with two sides."""
    return digamma_of(k) - 1.0 / k if way == "ksg2" else digamma_of(k)


def sides_of(reach: Reach) -> tuple[Array, ...]:
    """The distances in x and in y: those of the sides, or the k-th distance for both."""
    return reach.sides or (reach.distances, reach.distances)


def estimate_of(
    points: Array, reach: Reach, k: int, way: str, of_x: float, of_y: float, of_z: float = math.nan
) -> Estimate:
    """Digamma of k, or of the true number of neighbours, and the means of the others."""
    ties = int(np.count_nonzero(reach.tied))
    own = _own(k, way)
    if ties and way == "mixed":
        own += excess(points, reach.distances * strips.MORE, reach.tied, k) / len(points)
    rest = digamma_of(len(points)) - (of_x + of_y) if math.isnan(of_z) else of_z - of_x - of_y
    return Estimate(own + rest, ties, of_x, of_y, reach.distances)


def label_information(x: Ranked, codes: Array, k: int, *, lowered: bool = False) -> float:
    """Ross's estimate for a column and codes, each of which occurs at least twice."""
    n = x.values.size
    grouped, ranks = np.empty(n), np.empty(n, np.uint32)
    ends = np.bincount(codes).astype(np.int64)
    small = lowered and bool((ends <= 2 * k + 1).any())
    ksg.group(x.values, x.places, codes, ends, grouped, ranks)
    if not lowered:
        others = int(np.searchsorted(x.values, x.values[0], side="right"))
        if others == n or x.values[others] == x.values[-1]:
            return float(ksg.two_valued(x.values, grouped, ends))
    table = digammas()

    def part(piece: tuple[int, int]) -> float:
        first, last = piece
        c = int(np.searchsorted(ends, first, side="right")) if first else 0
        bounds, counts = np.empty(last - first), np.empty(last - first, np.int32)
        more = np.empty(0 if lowered else last - first, np.int32)
        ksg.line_distances(grouped, ends, k, c, first, last, bounds, more)
        if small:
            ksg.distances_by_squares(grouped, ends, k, c, first, last, bounds)
        neighbor_counts.count_within(x.values, ranks[first:last], bounds, False, counts)
        total = float(neighbor_counts.sum_digamma(counts, 1 if lowered else 0, table))
        if not lowered and more.any():
            total = float(ksg.less_excess(total, more, counts, ends, k, c, first, table))
        return total

    total = total_of(part, spans(n, ksg.CHUNK))
    return float(digamma_of(n) + (ksg.ross_own_sum(ends, k, table) - total) / n)
