"""What is known of samples before they are binned: their range, their number, their correlation."""

from __future__ import annotations

import math

import numpy as np

from fastinfo._codes import CHUNK
from fastinfo._threads import run_in_order, spans
from fastinfo._validate import Array, as_block
from fastinfo.kernels import binning as kernels

__all__ = ["find_range", "pair_summary"]


def find_range(a: Array) -> tuple[float, float, int]:
    """Smallest and largest sample that is not NaN, and how many are not."""
    if a.dtype.itemsize > 8:
        present = a[~np.isnan(a)]
        low, high = (present.min(), present.max()) if present.size else (math.inf, -math.inf)
        return low, high, present.size
    parts = run_in_order(
        lambda span: kernels.sample_range(as_block(a[slice(*span)])), spans(a.size, CHUNK)
    )
    return (
        min((part[0] for part in parts), default=math.inf),
        max((part[1] for part in parts), default=-math.inf),
        sum(part[2] for part in parts),
    )


def pair_summary(x: Array, y: Array) -> tuple[int, tuple[float, float], tuple[float, float], float]:
    """Number of complete pairs, range of x, range of y, Pearson correlation; in one pass."""
    x0, y0 = _first_finite(x), _first_finite(y)

    def moments(span: tuple[int, int]) -> Array:
        out = np.empty(10)
        part = slice(*span)
        kernels.pair_moments(as_block(x[part]), as_block(y[part]), x0, y0, out)
        return out

    parts = np.array(run_in_order(moments, spans(x.size, CHUNK)))
    n = int(parts[:, 0].sum())
    x_range = float(parts[:, 1].min()), float(parts[:, 2].max())
    y_range = float(parts[:, 3].min()), float(parts[:, 4].max())
    with np.errstate(all="ignore"):
        sx, sy, sxx, syy, sxy = (parts[:, i].sum() / max(n, 1) for i in range(5, 10))
        r = (sxy - sx * sy) / np.sqrt((sxx - sx * sx) * (syy - sy * sy))
    return n, x_range, y_range, float(np.clip(r, -1.0, 1.0)) if np.isfinite(r) else 0.0


def _first_finite(a: Array) -> float:
    """A sample to measure from, so that sums of squares lose nothing to a large mean."""
    for start, stop in [(0, 64), *spans(a.size, CHUNK)]:
        part = as_block(a[start:stop])
        finite = np.isfinite(part)
        if finite.any():
            return float(part[finite.argmax()])
    return 0.0
