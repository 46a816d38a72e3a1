"""What is known of samples before they are binned: their range, their number, their correlation."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np

from fastinfo._core.checks import Array, as_block
from fastinfo._core.coded_variable import CHUNK
from fastinfo._core.threads import run_in_order, spans
from fastinfo.kernels.binning import edges as kernels

Summary: TypeAlias = tuple[int, tuple[float, float], tuple[float, float], float]

#: How the ten numbers of the kernel `pair_moments` join those of another part.
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

    def measure(span: tuple[int, int]) -> tuple[float, float, int]:
        low, high, n = kernels.sample_range(as_block(a[slice(*span)]))
        return low, high, n

    if 0 < a.size <= CHUNK:
        return measure((0, a.size))
    parts = run_in_order(measure, spans(a.size, CHUNK))
    return (
        min((part[0] for part in parts), default=math.inf),
        max((part[1] for part in parts), default=-math.inf),
        sum(part[2] for part in parts),
    )


class Moments(NamedTuple):
    """Sums over the complete pairs of two variables, measured from an origin; ``a | b`` of two."""

    numbers: list[float]  #: see :func:`fastinfo.kernels.binning.edges.pair_moments`
    origin: tuple[float, float]

    @classmethod
    def of(cls, x: Array, y: Array) -> Moments:
        """Of some pairs, at least one."""
        origin = _first_finite(x), _first_finite(y)

        def measure(span: tuple[int, int]) -> Moments:
            out = np.empty(10)
            part = slice(*span)
            kernels.pair_moments(as_block(x[part]), as_block(y[part]), *origin, out)
            return cls(out.tolist(), origin)

        return functools.reduce(operator.or_, run_in_order(measure, spans(x.size, CHUNK)))

    def __or__(self, other: Moments) -> Moments:
        moved = other._from(self.origin).numbers
        parts = zip(_JOIN, self.numbers, moved, strict=True)
        return Moments([join(a, b) for join, a, b in parts], self.origin)

    def _from(self, origin: tuple[float, float]) -> Moments:
        """These sums measured from another origin."""
        n, mx, my, mxx, myy, mxy = self.numbers[0], *self.numbers[5:]
        dx, dy = self.origin[0] - origin[0], self.origin[1] - origin[1]
        if not (dx or dy):
            return self
        moved = [
            *self.numbers[:5],
            mx + n * dx,
            my + n * dy,
            mxx + 2.0 * dx * mx + n * dx * dx,
            myy + 2.0 * dy * my + n * dy * dy,
            mxy + dx * my + dy * mx + n * dx * dy,
        ]
        return Moments(moved, origin)


def pair_summary(x: Array, y: Array) -> Summary:
    """Number of complete pairs, range of x, range of y, Pearson correlation; in one pass."""
    return summary(Moments.of(x, y).numbers)


def summary(found: list[float]) -> Summary:
    """Number, ranges and correlation from the ten numbers of the kernel ``pair_moments``."""
    n = int(found[0])
    x_range, y_range = (found[1], found[2]), (found[3], found[4])
    mx, my, mxx, myy, mxy = [total / max(n, 1) for total in found[5:]]
    square = (mxx - mx * mx) * (myy - my * my)
    r = (mxy - mx * my) / math.sqrt(square) if square > 0.0 else 0.0
    return n, x_range, y_range, min(max(r, -1.0), 1.0) if math.isfinite(r) else 0.0


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
