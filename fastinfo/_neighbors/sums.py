"""Sums of digamma of numbers of neighbours over all samples, chunk by chunk, in order."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fastinfo._core.checks import Array
from fastinfo._core.threads import run_in_order, spans
from fastinfo._neighbors.distances import CHUNK, Ranked, true_counts
from fastinfo.kernels.neighbors import ksg, neighbor_counts, strips


@functools.cache
def digammas() -> Array:
    """Digamma of the first integers."""
    table = np.empty(ksg.TABLE)
    neighbor_counts.digamma_integers(table)
    table.flags.writeable = False
    return table


def total_of(function: Callable[[Any], float], pieces: Sequence[Any]) -> float:
    """Sum of a function of pieces, in their order."""
    total = 0.0
    for part in run_in_order(function, pieces):
        total += part
    return total


def bounds_of(distances: Array, way: str) -> Array:
    """Distances up to which values count: the k-th distance, or for "ksg2" the length of a side."""
    if way in ("mixed", "ksg2"):
        return distances * strips.MORE
    if way == "lowered":
        return np.asarray(np.nextafter(distances, 0.0))
    # Values are nearer if their distance is at most the next smaller number.
    found = np.asarray(np.nextafter(distances * strips.LESS, 0.0))
    found[distances == 0.0] = -1.0
    return found


def digamma_sum(values: Array, ranks: Array, bounds: Array, way: str) -> float:
    """Sum of digamma of how many values are within the bound of each of the ranks."""
    counts = np.empty(ranks.size, np.int32)
    about = way == "mixed"
    neighbor_counts.count_within(values, ranks, bounds, about, counts)
    more = 0 if about or way == "ksg2" else 1  # the nearer ones, and the sample itself
    return float(neighbor_counts.sum_digamma(counts, more, digammas()))


def digamma_of(m: int) -> float:
    """Digamma of a positive integer: from the table, or by the series DLMF 5.11.2."""
    if m < ksg.TABLE:
        return float(digammas()[m])
    r = 1.0 / m
    z = r * r
    return math.log(m) - (0.5 * r + z * (1.0 / 12.0 - z * (1.0 / 120.0 - z / 252.0)))


def digammas_of(counts: Array) -> Array:
    """Digamma of positive integers, with the values of :func:`digamma_of`."""
    out: Array = digammas()[np.minimum(counts, ksg.TABLE - 1)]
    large = counts >= ksg.TABLE
    if large.any():
        m = counts[large].astype(np.float64)
        r = 1.0 / m
        z = r * r
        out[large] = np.log(m) - (0.5 * r + z * (1.0 / 12.0 - z * (1.0 / 120.0 - z / 252.0)))
    return out


def mean_of_sorted(column: Ranked, distances: Array, way: str) -> float:
    """Mean of digamma of how many samples of a column are nearer to each than its distance."""
    n = column.values.size
    bounds = bounds_of(distances, way)[column.places]

    def part(piece: tuple[int, int]) -> float:
        ranks = np.arange(*piece, dtype=np.uint32)
        return digamma_sum(column.values, ranks, bounds[slice(*piece)], way)

    return total_of(part, spans(n, CHUNK)) / n


def mean_digamma(counts: Array, more: int) -> float:
    """Mean of digamma(count + `more`) over the counts."""
    table = digammas()

    def part(piece: tuple[int, int]) -> float:
        return float(neighbor_counts.sum_digamma(counts[slice(*piece)], more, table))

    return total_of(part, spans(counts.size, CHUNK)) / counts.size


def excess(points: Array, bounds: Array, tied: Array, k: int) -> float:
    """Sum of the corrections for points whose tied distances include more than k neighbours."""
    counts = true_counts(points, bounds, tied)
    table = digammas()
    return total_of(
        lambda piece: float(ksg.excess_sum(counts[slice(*piece)], k, table)),
        spans(counts.size, ksg.CHUNK),
    )
