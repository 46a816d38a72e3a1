"""Estimates of two columns, of which one may be labels."""

from __future__ import annotations

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
from fastinfo.kernels.neighbors import ksg, neighbor_counts, strips

_TRIED = 256  # searches that show whether strips or a tree is faster
_SLOW = 1500.0  # nanoseconds a search, by the estimate


class Estimate(NamedTuple):
    """Nats, and how many samples have a tied distance."""

    information: float
    ties: int


def pair_information(x: Ranked, y: Ranked, k: int, way: str = "ksg") -> Estimate:
    """Estimate of two columns that vary, of more than `k` samples; "lowered" is scikit-learn's."""
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
        reach = tree_distances(points, k)
        means = (mean_of_sorted(column, reach, way) for column in (x, y))
        return estimate_of(points, reach, k, way, digamma_of(n) - sum(means))
    by_y, tied = np.empty(n), np.empty(n, np.bool_)

    def of_strips(piece: tuple[int, int]) -> float:
        here = slice(piece[0] << bits, piece[1] << bits)
        reach = by_strips[here]
        strips.strip_distances(px, py, x.values, bits, k, *piece, reach, tied[here])
        bounds = bounds_of(reach, way)
        by_y[y_rank[here]] = bounds
        return digamma_sum(x.values, x_rank[here], bounds, way)

    def of_y(piece: tuple[int, int]) -> float:
        ranks = np.arange(*piece, dtype=np.uint32)
        return digamma_sum(y.values, ranks, by_y[slice(*piece)], way)

    by_strips = np.empty(n)
    pieces = spans(((n - 1) >> bits) + 1, max(1, ksg.CHUNK >> bits))
    total = total_of(of_strips, pieces)
    total += total_of(of_y, spans(n, ksg.CHUNK))
    ties = int(np.count_nonzero(tied))
    if way == "mixed" and ties:
        points = np.ascontiguousarray(np.stack([px, py], axis=1))
        total -= excess(points, by_y[y_rank], tied, k)
    return Estimate(digamma_of(k) + digamma_of(n) - total / n, ties)


def estimate_of(points: Array, reach: Reach, k: int, way: str, rest: float) -> Estimate:
    """Digamma of k, or of the true number of neighbours, and the rest."""
    ties = int(np.count_nonzero(reach.tied))
    own = digamma_of(k)
    if ties and way == "mixed":
        own += excess(points, reach.distances * strips.MORE, reach.tied, k) / len(points)
    return Estimate(own + rest, ties)


def label_information(x: Ranked, codes: Array, k: int, *, lowered: bool = False) -> float:
    """Estimate of Ross of a column against codes, each of which occurs at least twice."""
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
