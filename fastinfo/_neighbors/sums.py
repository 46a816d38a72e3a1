"""Digamma of numbers of neighbours: sums over all samples, in chunks, in their order."""

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
    """Digamma of the first whole numbers."""
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
    """The distances up to which numbers count: by the k-th neighbour, or "ksg2" a side's length."""
    if way in ("mixed", "ksg2"):
        return distances * strips.MORE
    if way == "lowered":
        return np.asarray(np.nextafter(distances, 0.0))
    # Nearer is all that is up to the next number below: no distance lies between.
    found = np.asarray(np.nextafter(distances * strips.LESS, 0.0))
    found[distances == 0.0] = -1.0
    return found


def digamma_sum(values: Array, ranks: Array, bounds: Array, way: str) -> float:
    """Sum of digamma of how many values are within the bound of each of the ranks."""
    counts = np.empty(ranks.size, np.int32)
    about = way == "mixed"
    neighbor_counts.count_within(values, ranks, bounds, about, counts)
    more = 0 if about or way == "ksg2" else 1  # those that are nearer, and the sample itself
    return float(neighbor_counts.sum_digamma(counts, more, digammas()))


def digamma_of(m: int) -> float:
    """Digamma of a whole number above 0: from the table, or by the series DLMF 5.11.2."""
    if m < ksg.TABLE:
        return float(digammas()[m])
    r = 1.0 / m
    z = r * r
    return math.log(m) - (0.5 * r + z * (1.0 / 12.0 - z * (1.0 / 120.0 - z / 252.0)))


def digammas_of(counts: Array) -> Array:
    """Digamma of whole numbers above 0, as :func:`digamma_of` has it of one."""
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
    """Mean of digamma of each count and so many more."""
    table = digammas()

    def part(piece: tuple[int, int]) -> float:
        return float(neighbor_counts.sum_digamma(counts[slice(*piece)], more, table))

    return total_of(part, spans(counts.size, CHUNK)) / counts.size


def excess(points: Array, bounds: Array, tied: Array, k: int) -> float:
    """Sum of what the points with tied distances have more than k neighbours."""
    counts = true_counts(points, bounds, tied)
    table = digammas()
    return total_of(
        lambda piece: float(ksg.excess_sum(counts[slice(*piece)], k, table)),
        spans(counts.size, ksg.CHUNK),
    )
