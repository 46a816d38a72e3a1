"""Bins of two images: their numbers, and their edges with the rule of ``numpy.histogram2d``."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinfo._bins.edges import check_number, edges_between, is_scalar, split_bins
from fastinfo._bins.ranges import Range
from fastinfo._core.checks import Array, is_real, shown
from fastinfo._core.limits import check_size


def numbers_of_bins(bins: Any) -> tuple[int, int]:
    """Numbers of bins for two images, from one number or a pair."""
    x, y = split_bins(bins)
    names = ("bins", "bins") if x is bins else ("bins[0]", "bins[1]")
    for one, name in zip((x, y), names, strict=True):
        if not is_scalar(one):
            raise TypeError(
                f"`{name}` must be an integer, or `bins` a pair of integers, one for each image, "
                f"got {shown(one)}"
            )
    nx, ny = check_number(x, names[0]), check_number(y, names[1])
    check_size(nx, ny)
    return nx, ny


def split_range(given: Any) -> tuple[Any, Any]:
    """Ranges for two images, from one range or a pair; None means that the range is to be found."""
    if given is None:
        return None, None
    try:
        first, last = given
    except (TypeError, ValueError):
        raise ValueError(
            f"range argument must have one entry per dimension. range must be a pair of numbers, "
            f"or a pair of those or None for either image, got {shown(given)}"
        ) from None
    return (given, given) if is_real(first) and is_real(last) else (first, last)


def edges_of(number: int, dtype: np.dtype[Any], found: Range | None, given: Any = None) -> Array:
    """Edges of `number` equal bins for samples of this dtype, in the given or the found range."""
    if given is not None or found is None:
        return edges_between(number, "bins", dtype, given, detected=False)
    return edges_between(number, "bins", dtype, (found.low, found.high), detected=True)
