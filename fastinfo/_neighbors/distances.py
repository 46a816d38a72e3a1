"""Distances of neighbours, and how many samples are as near: columns in order, and trees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fastinfo._core.checks import Array, read_only
from fastinfo._core.threads import run_in_order, spans
from fastinfo.kernels.neighbors import ksg, scaling, trees

CHUNK = 4096  #: points of a chunk of searches in trees
_ALONE = 4096  # so few samples are sorted before another thread has begun
_SMALL = 2048  # so few samples NumPy sorts as fast as a kernel


class Reach(NamedTuple):
    """Distance of the k-th neighbour of each point, and whether another one is as far."""

    distances: Array
    tied: Array


class Ranked(NamedTuple):
    """A column in ascending order."""

    values: Array
    places: Array  #: where each value stood
    ranks: Array  #: the rank of each sample


class Tree(NamedTuple):
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


def plant(points: Array) -> Tree:
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


def tree_distances(points: Array, k: int) -> Reach:
    """Distance of the k-th neighbour of each point."""
    n = len(points)
    tree = plant(points)
    found, found_tied = np.empty(n), np.empty(n, np.bool_)

    def part(piece: tuple[int, int]) -> None:
        start, stop = piece
        trees.tree_distances(*tree[1:], k, start, stop, found[start:stop], found_tied[start:stop])

    run_in_order(part, spans(n, CHUNK))
    out = Reach(np.empty(n), np.empty(n, np.bool_))
    out.distances[tree.places], out.tied[tree.places] = found, found_tied
    return out


def tree_counts(tree: Tree, points: Array, places: Array, bounds: Array, closed: bool) -> Array:
    """How many points of a tree are nearer to those at the places, themselves left out."""
    out = np.empty(len(points), np.int32)

    def part(piece: tuple[int, int]) -> None:
        there = places[slice(*piece)]
        trees.tree_counts(*tree[1:], points, there, bounds, closed, out)

    run_in_order(part, spans(places.size, CHUNK))
    return out


def _crowds(points: Array) -> Array:
    """How many points each is equal to, itself included."""
    key = np.zeros(len(points), np.int64)
    for column in points.T:
        levels, places = np.unique(column, return_inverse=True)
        key = np.unique(key * levels.size + places, return_inverse=True)[1]
    crowds: Array = np.bincount(key)[key]
    return crowds


def true_counts(points: Array, bounds: Array, tied: Array) -> Array:
    """How many others are within the bounds of the points with tied distances."""
    places = np.flatnonzero(tied)
    counts = np.empty(places.size, np.int32)
    apart = bounds[places] > 0.0
    if not apart.all():  # all that are equal to such a point are such points
        counts[~apart] = _crowds(points[places[~apart]]) - 1
    if apart.any():
        there = places[apart]
        counts[apart] = tree_counts(plant(points), points, there, bounds, True)[there]
    return counts


def joined(*groups: Array) -> Array:
    return np.ascontiguousarray(np.concatenate(groups, axis=1))
