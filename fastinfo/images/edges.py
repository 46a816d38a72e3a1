"""Bins of images: how many for each of two, and their edges, as ``numpy.histogram2d`` has them."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinfo._bins.edges import check_number, edges_between
from fastinfo._bins.ranges import Range
from fastinfo._core.checks import Array, shown
from fastinfo._core.limits import check_size


def numbers_of_bins(bins: Any) -> tuple[int, int]:
    """The numbers of bins of two images, from one number or a pair of them."""
    pair = (bins, bins)
    if np.ndim(bins) == 1 and not isinstance(bins, str):
        if len(bins) != 2:
            raise ValueError(
                f"The dimension of bins must be equal to the dimension of the sample x. "
                f"bins must be a number of bins, or a pair of them, got {shown(bins)}"
            )
        pair = tuple(bins)
    names = ("bins", "bins") if pair[0] is bins else ("bins[0]", "bins[1]")
    nx, ny = (check_number(one, name) for one, name in zip(pair, names, strict=True))
    check_size(nx, ny)
    return nx, ny


def edges_of(number: int, dtype: np.dtype[Any], found: Range) -> Array:
    """Edges of so many equal bins of samples of this dtype, in the range that is found in them."""
    low, high, _ = found
    return edges_between(number, "bins", dtype, (low, high), detected=True)
