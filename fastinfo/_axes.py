"""Any axis of any array as the middle one of three, in the order of memory."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fastinfo._codes import CHUNK
from fastinfo._validate import Array

__all__ = ["Layout", "Piece", "arrange", "normalize_axes", "pieces"]

_WIDEST = 4096  # columns of a part


@dataclass(frozen=True)
class Layout:
    """How the axes of an array became three: (outer, reduced, inner)."""

    shape: tuple[int, int, int]
    view: Callable[[Array], Array]  #: an array of the same shape and order, as three axes
    restore: Callable[[Array], Array]  #: (outer, inner) results in the shape of the user's axes
    like: Callable[[np.dtype[np.generic]], Array]  #: a new array as the user's, for elementwise


def normalize_axes(axis: int | tuple[int, ...] | None, ndim: int) -> tuple[int, ...]:
    """The axes as sorted, non-negative numbers."""
    if axis is None:
        return tuple(range(ndim))
    return tuple(sorted(np.lib.array_utils.normalize_axis_tuple(axis, ndim, "axis")))


def arrange(a: Array, axis: int | tuple[int, ...] | None) -> Layout:
    """Order the axes as (outer, reduced, inner): as they lie in memory, where that can be."""
    axes = normalize_axes(axis, a.ndim)
    shape = a.shape
    reversed_ = a.ndim > 1 and a.flags.f_contiguous and not a.flags.c_contiguous
    order = tuple(range(a.ndim))[::-1] if reversed_ else tuple(range(a.ndim))
    placed = sorted(order.index(i) for i in axes)
    if placed and placed != list(range(placed[0], placed[-1] + 1)):  # not side by side: to the end
        order = tuple(i for i in order if i not in axes) + tuple(i for i in order if i in axes)
        placed = [order.index(i) for i in axes]
    first, last = (min(placed), max(placed) + 1) if placed else (a.ndim, a.ndim)
    sizes = [shape[i] for i in order]
    three = (math.prod(sizes[:first]), math.prod(sizes[first:last]), math.prod(sizes[last:]))
    kept = [i for i in order if i not in axes]

    def view(b: Array) -> Array:
        return b.transpose(order).reshape(three)

    def restore(results: Array) -> Array:
        grid = results.reshape([shape[i] for i in kept])
        return grid.transpose(np.argsort(kept)) if kept else grid

    def like(dtype: np.dtype[np.generic]) -> Array:
        return np.empty([shape[i] for i in order], dtype).transpose(np.argsort(order))

    return Layout(three, view, restore, like)


@dataclass(frozen=True)
class Piece:
    """Part of an array of three axes: a range of each."""

    outer: slice
    reduced: slice
    inner: slice

    def of(self, a: Array) -> Array:
        """Take the part out of an array of three axes."""
        return a[self.outer, self.reduced, self.inner]

    def of_results(self, a: Array) -> Array:
        """Take the part out of an array without the reduced axis."""
        return a[self.outer, self.inner]


def pieces(shape: tuple[int, int, int]) -> list[list[Piece]]:
    """
    Cut an array into parts of a fixed size.

    Each list holds the parts that share their results, in order, to be merged.
    """
    o, n, m = shape
    if n * m <= CHUNK:
        step = max(1, CHUNK // max(n * m, 1))
        return [[Piece(slice(i, i + step), slice(None), slice(None))] for i in range(0, o, step)]
    width = min(m, _WIDEST)
    step = max(1, CHUNK // width)
    return [
        [Piece(slice(i, i + 1), slice(k, k + step), slice(j, j + width)) for k in range(0, n, step)]
        for i in range(o)
        for j in range(0, m, width)
    ]
