"""Estimates from distances of neighbours: chunks of kernels, several at a time, sums in order."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from fastinfo._core.checks import Array, read_only
from fastinfo._core.threads import run_in_order, spans
from fastinfo.kernels.neighbors import ksg, neighbor_counts, scaling, strips, trees

_CHUNK = 4096  # points of a chunk of searches in trees
_ALONE = 4096  # so few samples are sorted before another thread has begun
_SMALL = 2048  # so few samples NumPy sorts as fast as a kernel
_TRIED = 256  # searches that show whether strips or a tree is faster
_SLOW = 1500.0  # nanoseconds a search, by the estimate


class Estimate(NamedTuple):
    """Nats, and how many samples have a tied distance."""

    information: float
    ties: int


class _Reach(NamedTuple):
    """Distance of the k-th neighbour of each point, and whether another one is as far."""

    distances: Array
    tied: Array


class Ranked(NamedTuple):
    """A column in ascending order."""

    values: Array
    places: Array  #: where each value stood
    ranks: Array  #: the rank of each sample


class _Tree(NamedTuple):
    places: Array
    ordered: Array
    bounds: Array
    spans: Array


def rank(x: Array) -> Ranked:
    """Sort a column of finite float64."""
    if x.size <= _SMALL:  # NumPy has it before the kernel is compiled
        places = np.argsort(x, kind="stable").astype(np.uint32)
        ranks = np.empty(x.size, np.uint32)
        ranks[places] = np.arange(x.size, dtype=np.uint32)
        return Ranked(x[places], places, ranks)
    values = np.empty(x.size)
    places, ranks = np.empty((2, x.size), np.uint32)
    ksg.ranked(read_only(x), values, places, ranks)
    return Ranked(values, places, ranks)


def rank_all(columns: Sequence[Array]) -> list[Ranked]:
    """Sort several columns: at the same time, if they are long."""
    if columns[0].size <= _ALONE:
        return [rank(column) for column in columns]
    return run_in_order(rank, columns)


def standardized(columns: Array) -> Array:
    """Columns (n, d) divided by their standard deviations; constants are 0."""
    out = np.empty(columns.shape)
    for j in range(columns.shape[1]):
        column = np.empty(len(columns))
        scaling.standardize(read_only(np.ascontiguousarray(columns[:, j])), column)
        out[:, j] = column
    return out


@functools.cache
def _table() -> Array:
    table = np.empty(ksg.TABLE)
    neighbor_counts.digamma_integers(table)
    table.flags.writeable = False
    return table


def _total(function: Callable[[Any], float], pieces: Sequence[Any]) -> float:
    """Sum of a function of pieces, in their order."""
    total = 0.0
    for part in run_in_order(function, pieces):
        total += part
    return total


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
        reach = _tree_distances(points, k)
        means = (_mean_of_sorted(column, reach, way) for column in (x, y))
        return _estimate(points, reach, k, way, _digamma(n) - sum(means))
    by_y, tied = np.empty(n), np.empty(n, np.bool_)

    def of_strips(piece: tuple[int, int]) -> float:
        here = slice(piece[0] << bits, piece[1] << bits)
        reach = by_strips[here]
        strips.strip_distances(px, py, x.values, bits, k, *piece, reach, tied[here])
        bounds = _bounds(reach, way)
        by_y[y_rank[here]] = bounds
        return _digamma_sum(x.values, x_rank[here], bounds, way)

    def of_y(piece: tuple[int, int]) -> float:
        ranks = np.arange(*piece, dtype=np.uint32)
        return _digamma_sum(y.values, ranks, by_y[slice(*piece)], way)

    by_strips = np.empty(n)
    pieces = spans(((n - 1) >> bits) + 1, max(1, ksg.CHUNK >> bits))
    total = _total(of_strips, pieces)
    total += _total(of_y, spans(n, ksg.CHUNK))
    ties = int(np.count_nonzero(tied))
    if way == "mixed" and ties:
        points = np.ascontiguousarray(np.stack([px, py], axis=1))
        total -= _excess(points, by_y[y_rank], tied, k)
    return Estimate(_digamma(k) + _digamma(n) - total / n, ties)


def _bounds(distances: Array, way: str) -> Array:
    """The distances up to which numbers count, by the distance of the k-th neighbour."""
    if way == "mixed":
        return distances * strips.MORE
    if way == "lowered":
        return np.asarray(np.nextafter(distances, 0.0))
    # Nearer is all that is up to the next number below: no distance lies between.
    found = np.asarray(np.nextafter(distances * strips.LESS, 0.0))
    found[distances == 0.0] = -1.0
    return found


def _digamma_sum(values: Array, ranks: Array, bounds: Array, way: str) -> float:
    """Sum of digamma of how many values are within the bound of each of the ranks."""
    counts = np.empty(ranks.size, np.int32)
    about = way == "mixed"
    neighbor_counts.count_within(values, ranks, bounds, about, counts)
    return float(neighbor_counts.sum_digamma(counts, 0 if about else 1, _table()))


def _digamma(m: int) -> float:
    """Digamma of a whole number above 0: from the table, or by the series DLMF 5.11.2."""
    if m < ksg.TABLE:
        return float(_table()[m])
    r = 1.0 / m
    z = r * r
    return math.log(m) - (0.5 * r + z * (1.0 / 12.0 - z * (1.0 / 120.0 - z / 252.0)))


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
    table = _table()

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

    total = _total(part, spans(n, ksg.CHUNK))
    return float(_digamma(n) + (ksg.ross_own_sum(ends, k, table) - total) / n)


def _plant(points: Array) -> _Tree:
    n, width = points.shape
    nodes = 2 ** (trees.depth_of_tree(n) + 1) - 1
    tree = _Tree(
        np.empty(n, np.int64),
        np.empty((n, width)),
        np.empty((nodes, 2, width)),
        np.empty((nodes, 2), np.int64),
    )
    trees.build_tree(points, *tree)
    return tree


def _tree_distances(points: Array, k: int) -> _Reach:
    """Distance of the k-th neighbour of each point."""
    n = len(points)
    tree = _plant(points)
    found, found_tied = np.empty(n), np.empty(n, np.bool_)

    def part(piece: tuple[int, int]) -> None:
        start, stop = piece
        trees.tree_distances(*tree[1:], k, start, stop, found[start:stop], found_tied[start:stop])

    run_in_order(part, spans(n, _CHUNK))
    out = _Reach(np.empty(n), np.empty(n, np.bool_))
    out.distances[tree.places], out.tied[tree.places] = found, found_tied
    return out


def _mean_of_sorted(column: Ranked, reach: _Reach, way: str) -> float:
    """Mean of digamma of how many samples of a column are nearer to each than its distance."""
    n = column.values.size
    bounds = _bounds(reach.distances, way)[column.places]

    def part(piece: tuple[int, int]) -> float:
        ranks = np.arange(*piece, dtype=np.uint32)
        return _digamma_sum(column.values, ranks, bounds[slice(*piece)], way)

    return _total(part, spans(n, _CHUNK)) / n


def _tree_counts(tree: _Tree, points: Array, places: Array, bounds: Array, closed: bool) -> Array:
    """How many points of a tree are nearer to those at the places, themselves left out."""
    out = np.empty(len(points), np.int32)

    def part(piece: tuple[int, int]) -> None:
        there = places[slice(*piece)]
        trees.tree_counts(*tree[1:], points, there, bounds, closed, out)

    run_in_order(part, spans(places.size, _CHUNK))
    return out


def _mean_near(points: Array, reach: _Reach, way: str) -> float:
    """Mean of digamma of how many points of a group of columns are nearer than the distance."""
    if points.shape[1] == 1:
        return _mean_of_sorted(rank(points.ravel()), reach, way)
    tree = _plant(points)
    d = reach.distances
    strict = _tree_counts(tree, points, tree.places, d * strips.LESS, False)
    if way != "mixed":
        return _mean_digamma(strict, 1)
    counts = _tree_counts(tree, points, tree.places, d * strips.MORE, True)
    counts += (strict == counts) | (d == 0.0)
    return _mean_digamma(counts, 0)


def _crowds(points: Array) -> Array:
    """How many points each is equal to, itself included."""
    key = np.zeros(len(points), np.int64)
    for column in points.T:
        levels, places = np.unique(column, return_inverse=True)
        key = np.unique(key * levels.size + places, return_inverse=True)[1]
    crowds: Array = np.bincount(key)[key]
    return crowds


def _excess(points: Array, bounds: Array, tied: Array, k: int) -> float:
    """Sum of what the points with tied distances have more than k neighbours."""
    counts = _true_counts(points, bounds, tied)
    table = _table()
    return _total(
        lambda piece: float(ksg.excess_sum(counts[slice(*piece)], k, table)),
        spans(counts.size, ksg.CHUNK),
    )


def _true_counts(points: Array, bounds: Array, tied: Array) -> Array:
    """How many others are within the bounds of the points with tied distances."""
    places = np.flatnonzero(tied)
    counts = np.empty(places.size, np.int32)
    apart = bounds[places] > 0.0
    if not apart.all():  # all that are equal to such a point are such points
        counts[~apart] = _crowds(points[places[~apart]]) - 1
    if apart.any():
        there = places[apart]
        counts[apart] = _tree_counts(_plant(points), points, there, bounds, True)[there]
    return counts


def _estimate(points: Array, reach: _Reach, k: int, way: str, rest: float) -> Estimate:
    """Digamma of k, or of the true number of neighbours, and the rest."""
    ties = int(np.count_nonzero(reach.tied))
    own = _digamma(k)
    if ties and way == "mixed":
        own += _excess(points, reach.distances * strips.MORE, reach.tied, k) / len(points)
    return Estimate(own + rest, ties)


def _mean_digamma(counts: Array, more: int) -> float:
    """Mean of digamma of each count and so many more."""
    table = _table()

    def part(piece: tuple[int, int]) -> float:
        return float(neighbor_counts.sum_digamma(counts[slice(*piece)], more, table))

    return _total(part, spans(counts.size, _CHUNK)) / counts.size


def _joined(*groups: Array) -> Array:
    return np.ascontiguousarray(np.concatenate(groups, axis=1))


def group_information(x: Array, y: Array, k: int, way: str) -> Estimate:
    """Estimate of two groups of columns (n, d), C-contiguous, of more than `k` samples."""
    if x.shape[1] == y.shape[1] == 1:
        columns = rank_all([x.ravel(), y.ravel()])
        return pair_information(columns[0], columns[1], k, way)
    points = _joined(x, y)
    reach = _tree_distances(points, k)
    total = sum(_mean_near(a, reach, way) for a in (x, y))
    return _estimate(points, reach, k, way, _digamma(len(x)) - total)


def group_label_information(x: Array, codes: Array, k: int) -> float:
    """Estimate of Ross of a group of columns against codes, each of which occurs at least twice."""
    n = len(x)
    if x.shape[1] == 1:
        return label_information(rank(x.ravel()), codes, k)
    tree, bounds, own = _plant(x), np.empty(n), np.zeros(n, np.int32)
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes)).astype(np.int64)
    parts = np.split(order, ends[:-1])
    for members in parts:
        points = np.ascontiguousarray(x[members])
        found = _tree_distances(points, min(k, members.size - 1))
        bounds[members] = found.distances * strips.MORE
        if found.tied.any():
            own[members[found.tied]] = _true_counts(points, bounds[members], found.tied)
    within = _tree_counts(tree, x, tree.places, bounds, True)
    total = float(ksg.ross_own_sum(ends, k, _table()))
    for members in parts:
        m = min(k, members.size - 1)
        total += float(ksg.true_excess_sum(m, own[members], within[members], _table()))
    return float(_digamma(n) + total / n - _mean_digamma(within, 0))


def conditional_information(x: Array, y: Array, z: Array, k: int, way: str) -> Estimate:
    """Estimate of Frenzel and Pompe of groups of columns, of more than `k` samples."""
    points = _joined(x, y, z)
    reach = _tree_distances(points, k)
    known, with_x, with_y = (
        _mean_near(group, reach, way) for group in (z, _joined(x, z), _joined(y, z))
    )
    return _estimate(points, reach, k, way, known - with_x - with_y)
