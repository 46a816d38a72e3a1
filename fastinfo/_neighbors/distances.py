"""Distances of neighbours, and counts of samples within them: sorted columns, and trees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from fastinfo._core.checks import Array, read_only
from fastinfo._core.threads import run_in_order, spans
from fastinfo.kernels.neighbors import (
    extents,
    ksg,
    neighbor_counts,
    scaling,
    scans,
    strips,
    trees,
)

CHUNK = 4096  #: points in a chunk of tree searches
_SCANNED = 512  # points in a chunk that is compared with all points
_MANY = 6  # with at least so many columns, a tree may exclude too little
_LOOKED_AT = 8  # so many points are tried, to see how much it excludes
_WORTH = 0.15  # if a search visits more of the leaves, comparing all points is faster
_ALONE = 4096  # sorting so few samples takes less time than starting a thread
_SMALL = 2048  # NumPy sorts so few samples as fast as a kernel


class Reach(NamedTuple):
    """Distance of the k-th neighbour of each point, and whether another one is at that distance."""

    distances: Array
    tied: Array
    sides: tuple[Array, ...] = ()  #: extents of the neighbours in each of two groups of columns


class Ranked(NamedTuple):
    """A column in ascending order."""

    values: Array
    places: Array  #: original place of each value
    ranks: Array  #: the rank of each sample


class Tree(NamedTuple):
    places: Array
    ordered: Array
    bounds: Array
    spans: Array


def rank(x: Array) -> Ranked:
    """Sort a column of finite float64."""
    if x.size <= _SMALL:  # NumPy is done before the kernel would be compiled
        places = np.argsort(x, kind="stable").astype(np.uint32)
        ranks = np.empty(x.size, np.uint32)
        ranks[places] = np.arange(x.size, dtype=np.uint32)
        return Ranked(x[places], places, ranks)
    values = np.empty(x.size)
    places, ranks = np.empty((2, x.size), np.uint32)
    ksg.ranked(read_only(x), values, places, ranks)
    return Ranked(values, places, ranks)


def rank_all(columns: Sequence[Array]) -> list[Ranked]:
    """Sort several columns, at the same time if they are long."""
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


def plant(points: Array) -> Tree:
    """A tree of points."""
    n, width = points.shape
    nodes = 2 ** (trees.depth_of_tree(n) + 1) - 1
    tree = Tree(
        np.empty(n, np.int64),
        np.empty((n, width)),
        np.empty((nodes, 2, width)),
        np.empty((nodes, 2), np.int64),
    )
    trees.build_tree(points, *tree)
    return tree


def _is_poor(tree: Tree, reach: Callable[[int], float]) -> bool:
    """Whether searches visit so many leaves that comparing all points is faster."""
    n, width = tree.ordered.shape
    if width < _MANY or n <= _LOOKED_AT:
        return False
    boxes = tree.bounds[len(tree.bounds) >> 1 :]
    looked_at = 0
    for i in range(0, n - n % _LOOKED_AT, n // _LOOKED_AT):
        point = tree.ordered[i]
        away = np.maximum(boxes[:, 0] - point, point - boxes[:, 1]).max(axis=1)
        looked_at += int(np.count_nonzero(away < reach(i)))
    return looked_at > _WORTH * _LOOKED_AT * len(boxes)


def tree_distances(points: Array, k: int, split: int = 0) -> Reach:
    """Distance of the k-th neighbour of each point, and its sides if columns are `split`."""
    n = len(points)
    tree = plant(points)
    one, no = np.empty(1), np.empty(1, np.bool_)

    def reach(i: int) -> float:
        trees.tree_distances(*tree[1:], k, i, i + 1, one, no)
        return float(one[0])

    found, found_tied = np.empty(n), np.empty(n, np.bool_)
    sides = np.empty((2 if split else 0, n))
    scanned = read_only(np.ascontiguousarray(points.T)) if _is_poor(tree, reach) else None

    def part(piece: tuple[int, int]) -> None:
        here = slice(*piece)
        out = (side[here] for side in sides)
        if scanned is not None:
            scans.scan_distances(scanned, k, *piece, found[here], found_tied[here])
            if split:
                scans.scan_extents(scanned, split, found, *piece, *out)
            return
        trees.tree_distances(*tree[1:], k, *piece, found[here], found_tied[here])
        if split:
            extents.tree_extents(*tree[1:], split, found, *piece, *out)

    run_in_order(part, spans(n, CHUNK if scanned is None else _SCANNED))
    if scanned is not None:
        return Reach(found, found_tied, tuple(sides))
    distances, tied = np.empty(n), np.empty(n, np.bool_)
    distances[tree.places], tied[tree.places] = found, found_tied
    placed = np.empty_like(sides)
    placed[:, tree.places] = sides
    return Reach(distances, tied, tuple(placed))


def counts_in_column(column: Ranked, bounds: Array, about: bool) -> Array:
    """How many other values are within the bound of each value, in the original order."""
    sorted_bounds = bounds[column.places]
    found, out = np.empty((2, bounds.size), np.int32)

    def count(piece: tuple[int, int]) -> None:
        here = slice(*piece)
        ranks = np.arange(*piece, dtype=np.uint32)
        neighbor_counts.count_within(column.values, ranks, sorted_bounds[here], about, found[here])

    run_in_order(count, spans(bounds.size, ksg.CHUNK))
    out[column.places] = found
    return out


def counts_of_all(points: Array, bounds: Array, closed: bool) -> Array:
    """How many other points are nearer to each point than its bound (or as near, if `closed`)."""
    tree = plant(points)
    if not _is_poor(tree, lambda i: float(bounds[tree.places[i]])):
        return tree_counts(tree, points, tree.places, bounds, closed)
    columns, out = read_only(np.ascontiguousarray(points.T)), np.empty(len(points), np.int32)
    bounds = np.nextafter(bounds, np.inf) if closed else bounds

    def part(piece: tuple[int, int]) -> None:
        scans.scan_counts(columns, bounds, *piece, out[slice(*piece)])

    run_in_order(part, spans(len(points), _SCANNED))
    return out


def tree_counts(tree: Tree, points: Array, places: Array, bounds: Array, closed: bool) -> Array:
    """How many other points of a tree are nearer to the points at the places than their bounds."""
    out = np.empty(len(points), np.int32)

    def part(piece: tuple[int, int]) -> None:
        there = places[slice(*piece)]
        trees.tree_counts(*tree[1:], points, there, bounds, closed, out)

    run_in_order(part, spans(places.size, CHUNK))
    return out


def counts_about(points: Array, distances: Array) -> Array:
    """How many points are no farther; one more if none is at the distance, as for "mixed"."""
    strict = counts_of_all(points, distances * strips.LESS, False)
    counts = counts_of_all(points, distances * strips.MORE, True)
    counts += (strict == counts) | (distances == 0.0)
    return counts


def _crowds(points: Array) -> Array:
    """How many points are equal to each point, including itself."""
    key = np.zeros(len(points), np.int64)
    for column in points.T:
        levels, places = np.unique(column, return_inverse=True)
        key = np.unique(key * levels.size + places, return_inverse=True)[1]
    crowds: Array = np.bincount(key)[key]
    return crowds


def true_counts(points: Array, bounds: Array, tied: Array) -> Array:
    """How many other points are within the bounds of the points with tied distances."""
    places = np.flatnonzero(tied)
    counts = np.empty(places.size, np.int32)
    apart = bounds[places] > 0.0
    if not apart.all():  # points that are equal to such a point are like it
        counts[~apart] = _crowds(points[places[~apart]]) - 1
    if apart.any():
        there = places[apart]
        counts[apart] = tree_counts(plant(points), points, there, bounds, True)[there]
    return counts


def joined(*groups: Array) -> Array:
    """Several groups of columns combined into one."""
    return np.ascontiguousarray(np.concatenate(groups, axis=1))
