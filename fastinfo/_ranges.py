"""What is known of samples before they are binned: their range, their number, their correlation."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from fastinfo._codes import CHUNK
from fastinfo._threads import run_in_order, spans
from fastinfo._validate import Array, as_block
from fastinfo.kernels import binning as kernels

__all__ = ["find_range", "moved_moments", "pair_summary", "summary"]

Summary: TypeAlias = tuple[int, tuple[float, float], tuple[float, float], float]

#: How the ten numbers of :func:`fastinfo.kernels.binning.pair_moments` join those of another part.
_JOIN: tuple[Callable[[float, float], float], ...] = (
    operator.add,
    min,
    max,
    min,
    max,
    *[operator.add] * 5,
)


def find_range(a: Array) -> tuple[float, float, int]:
    """Smallest and largest sample that is not NaN, and how many are not."""
    if a.dtype.itemsize > 8:
        present = a[~np.isnan(a)]
        low, high = (present.min(), present.max()) if present.size else (math.inf, -math.inf)
        return low, high, present.size
    if 0 < a.size <= CHUNK:
        low, high, n = kernels.sample_range(as_block(a))
        return low, high, n
    parts = run_in_order(
        lambda span: kernels.sample_range(as_block(a[slice(*span)])), spans(a.size, CHUNK)
    )
    return (
        min((part[0] for part in parts), default=math.inf),
        max((part[1] for part in parts), default=-math.inf),
        sum(part[2] for part in parts),
    )


def pair_summary(x: Array, y: Array) -> Summary:
    """Number of complete pairs, range of x, range of y, Pearson correlation; in one pass."""
    x0, y0 = _first_finite(x), _first_finite(y)

    def moments(span: tuple[int, int]) -> list[float]:
        out = np.empty(10)
        part = slice(*span)
        kernels.pair_moments(as_block(x[part]), as_block(y[part]), x0, y0, out)
        return out.tolist()

    parts = run_in_order(moments, spans(x.size, CHUNK))
    found = parts[0]
    for part in parts[1:]:
        for i in range(10):
            found[i] = _JOIN[i](found[i], part[i])
    return summary(found)


def summary(found: list[float]) -> Summary:
    """The same from the ten numbers of :func:`fastinfo.kernels.binning.pair_moments`."""
    n = int(found[0])
    x_range, y_range = (found[1], found[2]), (found[3], found[4])
    mx, my, mxx, myy, mxy = [total / max(n, 1) for total in found[5:]]
    square = (mxx - mx * mx) * (myy - my * my)
    r = (mxy - mx * my) / math.sqrt(square) if square > 0.0 else 0.0
    return n, x_range, y_range, min(max(r, -1.0), 1.0) if math.isfinite(r) else 0.0


def moved_moments(
    found: Sequence[float], origin: tuple[float, float], to: tuple[float, float]
) -> list[float]:
    """The ten numbers of ``pair_moments`` as they are when measured from elsewhere."""
    n, mx, my, mxx, myy, mxy = found[0], *found[5:]
    dx, dy = origin[0] - to[0], origin[1] - to[1]
    return [
        *found[:5],
        mx + n * dx,
        my + n * dy,
        mxx + 2.0 * dx * mx + n * dx * dx,
        myy + 2.0 * dy * my + n * dy * dy,
        mxy + dx * my + dy * mx + n * dx * dy,
    ]


def _first_finite(a: Array) -> float:
    """A sample to measure from, so that sums of squares lose nothing to a large mean."""
    first = float(a[0])
    if math.isfinite(first):
        return first
    for start, stop in spans(a.size, CHUNK):
        part = as_block(a[start:stop])
        finite = np.isfinite(part)
        if finite.any():
            return float(part[finite.argmax()])
    return 0.0
