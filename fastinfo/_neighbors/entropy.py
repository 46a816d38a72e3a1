"""Differential entropy from distances of neighbours: Kozachenko & Leonenko, max norm."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from fastinfo._core.checks import Array
from fastinfo._core.threads import run_in_order, spans
from fastinfo._neighbors.distances import rank, standardized, tree_distances
from fastinfo._neighbors.gaussian import determine_each_other
from fastinfo._neighbors.sums import digamma_of
from fastinfo.kernels.neighbors import ksg


def entropy_by_neighbors(
    x: Array, exponents: Sequence[int], k: int, noise: float, rng: Any
) -> tuple[float, int]:
    """
    Entropy in nats of columns (n, d), each times a power of two; how many samples make it -inf.

    Those are the samples with `k` others at the same place. All of them do if a column is constant,
    or is a sum of others.
    """
    n, d = x.shape
    points = standardized(x)
    if not (points != 0.0).any(axis=0).all():
        return -math.inf, n
    scale = math.fsum(_log_scales(x, points)) + math.log(2.0) * sum(exponents)
    if noise:
        points += noise * rng.standard_normal(size=points.shape)
    if 1 < d < n and determine_each_other(points):
        return -math.inf, n
    reach = _distances(points, k)
    ties = int(np.count_nonzero(reach == 0.0))
    if ties:
        return -math.inf, ties
    mean = float(np.log(reach).mean()) + math.log(2.0)
    return digamma_of(n) - digamma_of(k) + d * mean + scale, 0


def _log_scales(x: Array, points: Array) -> list[float]:
    """Logarithms of the units in which columns are standardised."""
    found = []
    for column, scaled in zip(x.T, points.T, strict=True):
        low, high = int(column.argmin()), int(column.argmax())
        ends = column[[low, high]]
        exponent = int(np.frexp(np.abs(ends).max())[1])
        width = np.subtract(*np.ldexp(ends, -exponent)[::-1])
        ratio = math.log(float(width / (scaled[high] - scaled[low])))
        found.append(ratio + exponent * math.log(2.0))
    return found


def _distances(points: Array, k: int) -> Array:
    """Distance of the k-th neighbour of each point, in any order."""
    if points.shape[1] > 1:
        return tree_distances(np.ascontiguousarray(points), k).distances
    values = rank(points.ravel()).values
    out, ends, none = np.empty(values.size), np.array([values.size]), np.empty(0, np.int32)

    def fill(piece: tuple[int, int]) -> None:
        ksg.line_distances(values, ends, k, 0, *piece, out[slice(*piece)], none)

    run_in_order(fill, spans(values.size, ksg.CHUNK))
    return out
