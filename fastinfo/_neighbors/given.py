"""Information of labels given numbers, and the treatment of labels that occur once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fastinfo._core.checks import Array
from fastinfo._neighbors.distances import (
    counts_about,
    counts_in_column,
    joined,
    rank,
    tree_distances,
    true_counts,
)
from fastinfo._neighbors.sums import digamma_of, digammas, mean_digamma
from fastinfo.kernels.neighbors import ksg, strips


def repeated(codes: Array) -> tuple[Array, Array]:
    """Which codes occur more than once, and new codes for those, from 0 on."""
    counts = np.bincount(codes)
    kept = counts[codes] > 1
    return kept, (np.cumsum(counts > 1) - 1)[codes[kept]].astype(np.uint32)


def plug_in_information(x: Array, y: Array) -> float:
    """Plug-in information of two variables of labels."""
    key = x.astype(np.int64) * (int(y.max()) + 1) + y
    _, first, counts = np.unique(key, return_index=True, return_counts=True)
    ratios = counts * float(x.size) / np.bincount(x)[x[first]] / np.bincount(y)[y[first]]
    return max(0.0, float(np.sum(counts * np.log(ratios))) / x.size)


def conditional_label_information(
    numbers: Sequence[Array | None], labels: Sequence[Array | None], z: Array, k: int
) -> float:
    """
    Estimate of Mesner and Shalizi of x and y given z, if x or y or both are labels.

    Equal labels have distance 0, different ones are infinitely far apart. So neighbours have the
    same labels of x and y, and there may be fewer than k. Samples whose labels occur once are left
    out. Without z it would be Ross's estimate.
    """
    together = [codes for codes in labels if codes is not None]
    key = together[0].astype(np.int64)
    for codes in together[1:]:
        key = key * (int(codes.max()) + 1) + codes
    kept, both = repeated(np.unique(key, return_inverse=True)[1])
    if not both.size:
        return 0.0
    z = np.ascontiguousarray(z[kept])
    numbers = [None if a is None else a[kept] for a in numbers]
    labels = [None if a is None else a[kept] for a in labels]
    points = joined(*(a for a in numbers if a is not None), z)
    n, distances, total = len(z), np.empty(len(z)), 0.0
    for members in _split(both):
        m = min(k, members.size - 1)
        own = np.ascontiguousarray(points[members])
        reach = tree_distances(own, m)
        distances[members] = reach.distances
        total += members.size * digamma_of(m)
        if reach.tied.any():
            counts = true_counts(own, reach.distances * strips.MORE, reach.tied)
            total += float(ksg.excess_sum(counts, m, digammas()))
    found = total / n + mean_digamma(_near(z, distances), 0)
    for side, label in zip(numbers, labels, strict=True):
        if label is None:
            near = _near(z if side is None else joined(side, z), distances)
        else:
            near = np.empty(n, np.int32)
            for members in _split(label):
                near[members] = _near(np.ascontiguousarray(z[members]), distances[members])
        found -= mean_digamma(near, 0)
    return found


def _split(codes: Array) -> list[Array]:
    """The places of each code that occurs."""
    counts = np.bincount(codes)
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.cumsum(counts[counts > 0])[:-1])


def _near(points: Array, distances: Array) -> Array:
    """How many points are no farther; one more if none is at the distance, as for "mixed"."""
    if points.shape[1] > 1:
        return counts_about(points, distances)
    return counts_in_column(rank(points.ravel()), distances * strips.MORE, True)
