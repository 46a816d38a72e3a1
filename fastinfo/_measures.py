"""Counts to information, in units of the caller's base: what every measure of samples ends in."""

from __future__ import annotations

import math

import numpy as np

from fastinfo._validate import Array, base_divisor, choice, read_only
from fastinfo.kernels import information as kernels

__all__ = ["AVERAGES", "entropies", "entropy_of", "information_of", "normalize"]

AVERAGES = ("arithmetic", "geometric", "min", "max", "joint")


def _as_counts(table: Array) -> Array:
    """The table as the kernels take it; weights far from 1 are scaled: products of two follow."""
    counts = np.ascontiguousarray(table, np.float64)
    if table.dtype.kind == "f" and counts.size:
        largest = float(counts.max())
        if largest > 0.0 and not 2.0**-200 < largest < 2.0**200:
            counts = np.ldexp(counts, -math.frexp(largest)[1])
    return read_only(counts)


def _margins(counts: Array) -> tuple[Array, Array]:
    x_counts, y_counts = np.empty(counts.shape[0]), np.empty(counts.shape[1])
    kernels.margins(counts, x_counts, y_counts)
    return read_only(x_counts), read_only(y_counts)


def entropy_of(table: Array, side: str, base: float | None = None) -> float:
    """Plug-in entropy of a table: of "x", of "y", or "joint"."""
    counts = _as_counts(table)
    if side == "joint":
        vector = counts.reshape(-1)
    else:
        vector = _margins(counts)["xy".index(side)]
    return float(kernels.entropy_from_counts(vector) / base_divisor(base))


def entropies(table: Array) -> tuple[float, float, float]:
    """Plug-in H(X), H(Y) and H(X, Y) of a table, in nats."""
    counts = _as_counts(table)
    vectors = (*_margins(counts), counts.reshape(-1))
    hx, hy, hxy = (float(kernels.entropy_from_counts(vector)) for vector in vectors)
    return hx, hy, hxy


def information_of(table: Array, base: float | None = None) -> float:
    """Plug-in mutual information of a table."""
    counts = _as_counts(table)
    return float(kernels.mutual_information(counts, *_margins(counts)) / base_divisor(base))


def normalize(information: float, table: Array, average: str) -> float:
    """Mutual information in nats by an average of the entropies: 0 where that is 0, 1 at most."""
    choice(average, "average", AVERAGES)
    hx, hy, hxy = entropies(table)
    scale = {
        "arithmetic": (hx + hy) / 2.0,
        "geometric": math.sqrt(hx * hy),
        "min": min(hx, hy),
        "max": max(hx, hy),
        "joint": hxy,
    }[average]
    return min(information / scale, 1.0) if scale > 0.0 else 0.0
