"""Estimates from distances of neighbours: chunks of kernels, several at a time, sums in order."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from fastinfo._threads import run_in_order, spans
from fastinfo._validate import Array, read_only
from fastinfo.kernels import ksg, marginals, strips, trees
from fastinfo.kernels.special import digamma

__all__ = [
    "Ranked",
    "conditional_information",
    "group_information",
    "group_label_information",
    "is_constant",
    "label_information",
    "pair_information",
    "rank",
    "rank_all",
]

_CHUNK = 4096  # points of a chunk of searches in trees
_ALONE = 4096  # so few samples are sorted before another thread has begun
_TRIED = 256  # searches that tell whether strips or a tree is faster
_SLOW = 1500.0  # nanoseconds a search, by the estimate


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
    values = np.empty(x.size)
    places, ranks = np.empty((2, x.size), np.uint32)
    ksg.ranked(read_only(x), values, places, ranks)
    return Ranked(values, places, ranks)


def rank_all(columns: Sequence[Array]) -> list[Ranked]:
    """Sort several columns: at the same time, if they are long."""
    if columns[0].size <= _ALONE:
        return [rank(column) for column in columns]
    return run_in_order(rank, columns)


@functools.cache
def _table() -> Array:
    table = np.empty(ksg.TABLE)
    marginals.digamma_integers(table)
    table.flags.writeable = False
    return table


def _total(function: Callable[[Any], float], pieces: Sequence[Any]) -> float:
    """Sum of a function of pieces, in their order."""
    total = 0.0
    for part in run_in_order(function, pieces):
        total += part
    return total


def pair_information(x: Ranked, y: Ranked, k: int, *, lowered: bool = False) -> float:
    """KSG estimate of two columns, of more than `k` samples; `lowered` is scikit-learn's way."""
    n = x.values.size
    if not lowered and (is_constant(x) or is_constant(y)):
        return 0.0
    bits = strips.strip_bits(n, k)
    px, py = np.empty((2, n))
    x_rank, y_rank = np.empty((2, n), np.uint32)
    strips.fill_strips(x.values, y.values, x.ranks, y.places, bits, px, py, x_rank, y_rank)
    tried = min(_TRIED, n >> 3)
    if tried and strips.strip_work(px, py, x.values, bits, k, tried) > _SLOW:
        by_sample = np.empty((n, 2))
        for c, column in enumerate((x, y)):
            by_sample[column.places, c] = column.values
        reach = _tree_distances(by_sample, k)
        if lowered:
            reach = np.nextafter(reach, 0.0)
        counts = (_sorted_counts(column, reach, closed=lowered) for column in (x, y))
        return float(digamma(k) + digamma(n) - sum(_mean_digamma(c, 1) for c in counts))
    table, by_y = _table(), np.empty(n)
    strips_and_ranks = px, py, x.values, x_rank, y_rank

    def of_strips(piece: tuple[int, int]) -> float:
        return float(ksg.ksg_sum(*strips_and_ranks, bits, k, *piece, lowered, table, by_y))

    def of_y(piece: tuple[int, int]) -> float:
        ranks = np.arange(*piece, dtype=np.uint32)
        return float(ksg.count_sum(y.values, ranks, by_y[slice(*piece)], lowered, table))

    total = _total(of_strips, spans(((n - 1) >> bits) + 1, max(1, ksg.CHUNK >> bits)))
    total += _total(of_y, spans(n, ksg.CHUNK))
    return float(digamma(k) + digamma(n) - total / n)


def is_constant(x: Ranked) -> bool:
    """Whether all samples are the same."""
    return bool(x.values[0] == x.values[-1])


def label_information(x: Ranked, codes: Array, k: int, *, lowered: bool = False) -> float:
    """Estimate of Ross of a column against codes, each of which occurs at least twice."""
    n = x.values.size
    grouped, ranks = np.empty(n), np.empty(n, np.uint32)
    ends = np.bincount(codes).astype(np.int64)
    ksg.group(x.values, x.places, codes, ends, grouped, ranks)
    table = _table()

    def part(piece: tuple[int, int]) -> float:
        return float(ksg.ross_sum(x.values, grouped, ranks, ends, k, *piece, lowered, table))

    total = _total(part, spans(n, ksg.CHUNK))
    return float(digamma(n) + (ksg.ross_own_sum(ends, k, table) - total) / n)


def _plant(points: Array) -> _Tree:
    n, width = points.shape
    nodes = 2 ** (trees.tree_depth(n) + 1) - 1
    tree = _Tree(
        np.empty(n, np.int64),
        np.empty((n, width)),
        np.empty((nodes, 2, width)),
        np.empty((nodes, 2), np.int64),
    )
    trees.build_tree(points, *tree)
    return tree


def _tree_distances(points: Array, k: int) -> Array:
    """Distance of the k-th neighbour of each point."""
    tree = _plant(points)
    found = np.empty(len(points))

    def part(piece: tuple[int, int]) -> None:
        start, stop = piece
        trees.tree_distances(*tree[1:], k, start, stop, found[start:stop])

    run_in_order(part, spans(len(points), _CHUNK))
    out = np.empty(len(points))
    out[tree.places] = found
    return out


def _sorted_counts(column: Ranked, distances: Array, *, closed: bool) -> Array:
    """How many samples of a column are nearer to each than its distance, in ascending order."""
    n = column.values.size
    count: Any = marginals.count_within if closed else marginals.count_nearer
    ranks = np.arange(n, dtype=np.uint32)
    reach, found = distances[column.places], np.empty(n, np.int32)

    def part(piece: tuple[int, int]) -> None:
        here = slice(*piece)
        count(column.values, ranks[here], reach[here], found[here])

    run_in_order(part, spans(n, _CHUNK))
    return found


def _neighbor_counts(points: Array, distances: Array, *, closed: bool = False) -> Array:
    """How many points are nearer to each, itself left out, than its distance, in any order."""
    n, width = points.shape
    if width == 1:
        return _sorted_counts(rank(points.ravel()), distances, closed=closed)
    out = np.empty(n, np.int32)
    tree = _plant(points)

    def of_tree(piece: tuple[int, int]) -> None:
        places = tree.places[slice(*piece)]
        trees.tree_counts(*tree[1:], points, places, distances, closed, out)

    run_in_order(of_tree, spans(n, _CHUNK))
    return out


def _mean_digamma(counts: Array, more: int) -> float:
    """Mean of digamma of each count and so many more."""
    table = _table()

    def part(piece: tuple[int, int]) -> float:
        return float(marginals.sum_digamma(counts[slice(*piece)], more, table))

    return _total(part, spans(counts.size, _CHUNK)) / counts.size


def _joined(*groups: Array) -> Array:
    return np.ascontiguousarray(np.concatenate(groups, axis=1))


def _all_equal(points: Array) -> bool:
    return bool((points == points[0]).all())


def group_information(x: Array, y: Array, k: int) -> float:
    """KSG estimate of two groups of columns (n, d), C-contiguous, of more than `k` samples."""
    if x.shape[1] == y.shape[1] == 1:
        columns = rank_all([x.ravel(), y.ravel()])
        return pair_information(columns[0], columns[1], k)
    if _all_equal(x) or _all_equal(y):
        return 0.0
    reach = _tree_distances(_joined(x, y), k)
    total = sum(_mean_digamma(_neighbor_counts(a, reach), 1) for a in (x, y))
    return float(digamma(k) + digamma(len(x)) - total)


def group_label_information(x: Array, codes: Array, k: int) -> float:
    """Estimate of Ross of a group of columns against codes, each of which occurs at least twice."""
    n = len(x)
    if x.shape[1] == 1:
        return label_information(rank(x.ravel()), codes, k)
    reach = np.empty(n)
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes)).astype(np.int64)
    for members in np.split(order, ends[:-1]):
        reach[members] = _tree_distances(x[members], min(k, members.size - 1))
    counts = _neighbor_counts(x, reach, closed=True)
    own = ksg.ross_own_sum(ends, k, _table()) / n
    return float(digamma(n) + own - _mean_digamma(counts, 0))


def conditional_information(x: Array, y: Array, z: Array, k: int) -> float:
    """Estimate of Frenzel and Pompe of groups of columns, of more than `k` samples."""
    if _all_equal(x) or _all_equal(y):
        return 0.0
    reach = _tree_distances(_joined(x, y, z), k)
    known, with_x, with_y = (
        _mean_digamma(_neighbor_counts(points, reach), 1)
        for points in (z, _joined(x, z), _joined(y, z))
    )
    value = float(digamma(k) + known - with_x - with_y)
    return value if math.isfinite(value) else math.nan
