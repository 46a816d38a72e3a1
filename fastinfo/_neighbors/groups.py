"""Estimates for groups of columns, also given a group, and for a group against labels."""

from __future__ import annotations

import numpy as np

from fastinfo._core.checks import Array
from fastinfo._neighbors.distances import (
    counts_about,
    counts_of_all,
    joined,
    rank,
    rank_all,
    tree_distances,
    true_counts,
)
from fastinfo._neighbors.pairs import (
    Estimate,
    estimate_of,
    label_information,
    pair_information,
    sides_of,
)
from fastinfo._neighbors.sums import digamma_of, digammas, mean_digamma, mean_of_sorted
from fastinfo.kernels.neighbors import ksg, strips


def _mean_near(points: Array, distances: Array, way: str) -> float:
    """Mean of digamma of how many points of a group of columns are within the distance."""
    if points.shape[1] == 1:
        return mean_of_sorted(rank(points.ravel()), distances, way)
    if way == "ksg2":
        return mean_digamma(counts_of_all(points, distances * strips.MORE, True), 0)
    if way == "mixed":
        return mean_digamma(counts_about(points, distances), 0)
    return mean_digamma(counts_of_all(points, distances * strips.LESS, False), 1)


def group_information(x: Array, y: Array, k: int, way: str) -> Estimate:
    """Estimate for two groups of columns (n, d), C-contiguous, with more than `k` samples."""
    if x.shape[1] == y.shape[1] == 1:
        columns = rank_all([x.ravel(), y.ravel()])
        return pair_information(columns[0], columns[1], k, way)
    points = joined(x, y)
    reach = tree_distances(points, k, x.shape[1] if way == "ksg2" else 0)
    of_x, of_y = (
        _mean_near(group, distances, way)
        for group, distances in zip((x, y), sides_of(reach), strict=True)
    )
    return estimate_of(points, reach, k, way, of_x, of_y)


def group_label_information(x: Array, codes: Array, k: int) -> float:
    """Ross's estimate for a group of columns and codes, each of which occurs at least twice."""
    n = len(x)
    if x.shape[1] == 1:
        return label_information(rank(x.ravel()), codes, k)
    bounds, own = np.empty(n), np.zeros(n, np.int32)
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes)).astype(np.int64)
    parts = np.split(order, ends[:-1])
    for members in parts:
        points = np.ascontiguousarray(x[members])
        found = tree_distances(points, min(k, members.size - 1))
        bounds[members] = found.distances * strips.MORE
        if found.tied.any():
            own[members[found.tied]] = true_counts(points, bounds[members], found.tied)
    within = counts_of_all(x, bounds, True)
    total = float(ksg.ross_own_sum(ends, k, digammas()))
    for members in parts:
        m = min(k, members.size - 1)
        total += float(ksg.true_excess_sum(m, own[members], within[members], digammas()))
    return float(digamma_of(n) + total / n - mean_digamma(within, 0))


def conditional_information(x: Array, y: Array, z: Array, k: int, way: str) -> Estimate:
    """Estimate of Frenzel and Pompe for groups of columns, with more than `k` samples."""
    points = joined(x, y, z)
    reach = tree_distances(points, k)
    known, with_x, with_y = (
        _mean_near(group, reach.distances, way) for group in (z, joined(x, z), joined(y, z))
    )
    return estimate_of(points, reach, k, way, with_x, with_y, known)
