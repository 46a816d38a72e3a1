"""Arrays as three axes in memory order, with the reduced axis in the middle."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinfo._core.checks import Array, is_plain, read_only, shown
from fastinfo._core.coded_variable import CHUNK
from fastinfo._core.threads import get_num_threads, spans

_WIDEST = 4096  # columns of a part
_TOGETHER = 16  # parts that one kernel call takes, at most

_Sizes = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True)
class Piece:
    """A part of an array of three axes: a range of each axis."""

    outer: slice
    reduced: slice
    inner: slice

    def of_results(self, a: Array) -> Array:
        """Return this part of an array of results, which has no reduced axis."""
        return a[self.outer, self.inner]


@dataclass(frozen=True)
class View:
    """
    An array as three axes (outer, reduced, inner), without a copy of it.

    If the strides do not allow joining axes, :meth:`part` gathers the elements of a part.
    """

    array: Array  #: with its axes in order
    groups: _Sizes  #: sizes of the axes that are joined
    joined: Array | None  #: the same as three axes, where that is a view

    def part(self, piece: Piece) -> Array:
        """Return a part."""
        if self.joined is not None:
            return self.joined[piece.outer, piece.reduced, piece.inner]
        gathered = self.array[self._index(piece)]
        empty = [place for place, sizes in enumerate(self.groups) if not sizes]
        return gathered if gathered.ndim == 3 else np.expand_dims(gathered, empty)

    def write(self, piece: Piece, values: Array) -> None:
        """Overwrite a part."""
        if self.joined is not None:
            self.joined[piece.outer, piece.reduced, piece.inner] = values
        else:
            index = self._index(piece)
            self.array[index] = values.reshape(np.broadcast_shapes(*(i.shape for i in index)))

    def _index(self, piece: Piece) -> tuple[Array, ...]:
        """Indices of the elements of a part, along each axis of the array."""
        index: list[Array] = []
        ranges = (piece.outer, piece.reduced, piece.inner)
        for place, (part, sizes) in enumerate(zip(ranges, self.groups, strict=True)):
            shape = [1, 1, 1]
            shape[place] = -1
            flat = np.arange(*part.indices(math.prod(sizes)))
            if sizes:  # of a vector: NumPy 2.4 is wrong for large index arrays of more dimensions
                index += (i.reshape(shape) for i in np.unravel_index(flat, sizes))
        return tuple(index)


@dataclass(frozen=True)
class Layout:
    """A plan by which the axes of an array become three."""

    order: tuple[int, ...]
    groups: _Sizes
    kept: tuple[int, ...]  #: the axes that are not reduced, in order
    shape: tuple[int, int, int]  #: sizes of the three axes

    def view(self, a: Array) -> View:
        """Return an array of the same shape as a view of three axes."""
        ordered = a.transpose(self.order)
        try:
            joined = np.reshape(ordered, self.shape, copy=False)
        except ValueError:
            joined = None
        return View(ordered, self.groups, joined)

    def restore(self, results: Array) -> Array:
        """Reshape results (outer, inner) to the kept axes, in the order of the user's array."""
        grid = results.reshape(self.groups[0] + self.groups[2])
        return grid.transpose(np.argsort(self.kept)) if self.kept else grid


def plain_rows(a: Any, axis: Any) -> Array | None:
    """
    Return a vector of floats as one row, or the rows of a matrix, for a single kernel call.

    This is the fast path for small inputs. None if `a` is something else, or if `axis` is not the
    axis along the rows.
    """
    if type(a) is not np.ndarray or not 0 < a.size <= CHUNK or not is_plain(a):
        return None
    if a.ndim == 1 and (axis is None or (type(axis) is int and -1 <= axis <= 0)):
        return read_only(a.reshape(1, -1))
    if a.ndim == 2 and type(axis) is int and (axis == 1 or axis == -1):
        return read_only(a)
    return None


def normalize_axes(axis: int | tuple[int, ...] | None, ndim: int) -> tuple[int, ...]:
    """Return the axes as sorted, non-negative numbers."""
    if axis is None:
        return tuple(range(ndim))
    if any(isinstance(i, (bool, np.bool_)) for i in (axis if isinstance(axis, tuple) else (axis,))):
        raise TypeError(f"axis must be an integer, a tuple of integers or None, got {shown(axis)}")
    try:
        axes = np.lib.array_utils.normalize_axis_tuple(axis, ndim, "axis", allow_duplicate=True)
    except (NotImplementedError, TypeError):  # a memoryview of two dimensions
        raise TypeError(
            f"axis must be an integer, a tuple of integers or None, got {shown(axis)}"
        ) from None
    except OverflowError:
        raise ValueError(
            f"axis must lie between {-ndim} and {ndim - 1}, got {shown(axis)} (out of bounds)"
        ) from None
    if len(set(axes)) < len(axes):
        raise ValueError(
            f"duplicate value in 'axis': axis must name each axis once, got {shown(axis)}"
        )
    return tuple(sorted(axes))


def arrange(a: Array, axis: int | tuple[int, ...] | None) -> Layout:
    """Arrange the axes as (outer, reduced, inner), in memory order if possible."""
    axes = normalize_axes(axis, a.ndim)
    if a.ndim == 1 and axes:
        return Layout((0,), ((), a.shape, ()), (), (1, a.size, 1))
    order = tuple(range(a.ndim))
    if a.ndim > 1 and a.flags.f_contiguous and not a.flags.c_contiguous:
        order = order[::-1]
    places = sorted(order.index(i) for i in axes)
    if places and places[-1] - places[0] >= len(places):  # not side by side: to the end
        order = tuple(i for i in order if i not in axes) + tuple(i for i in order if i in axes)
        places = [order.index(i) for i in axes]
    first, last = (min(places), max(places) + 1) if places else (a.ndim, a.ndim)
    outer, reduced, inner = (
        tuple(a.shape[i] for i in part) for part in (order[:first], order[first:last], order[last:])
    )
    sizes = math.prod(outer), math.prod(reduced), math.prod(inner)
    return Layout(order, (outer, reduced, inner), order[:first] + order[last:], sizes)


def pieces(shape: tuple[int, int, int], *views: View) -> list[list[Piece]]:
    """
    Cut an array into parts of a fixed size, which is smaller if a view gathers its elements.

    Each list contains the parts that contribute to the same results, in the order of merging.
    """
    o, n, m = shape
    chunk = CHUNK if all(view.joined is not None for view in views) else CHUNK // 2
    if n * m <= chunk:
        step = max(1, chunk // max(n * m, 1))
        return [[Piece(slice(i, i + step), slice(None), slice(None))] for i in range(0, o, step)]
    width = min(m, _WIDEST)
    step = max(1, chunk // width)
    return [
        [Piece(slice(i, i + 1), slice(k, k + step), slice(j, j + width)) for k in range(0, n, step)]
        for i in range(o)
        for j in range(0, m, width)
    ]


def whole_parts(view: View, group: list[Piece], dtype: np.dtype[Any]) -> Array | None:
    """
    Return all parts of a plain vector except the last as the rows of a read-only matrix.

    A kernel processes several rows at once. None if the array is not a plain vector of this dtype,
    or if its parts have another size.
    """
    whole = sum(piece.reduced.stop - piece.reduced.start == CHUNK for piece in group[:-1])
    if view.joined is None or whole != len(group) - 1:
        return None
    part = view.joined[group[0].outer, :, group[0].inner]
    if part.shape[::2] != (1, 1) or part.dtype != dtype or not is_plain(part[0, :, 0]):
        return None
    return read_only(part[0, : whole * CHUNK, 0].reshape(whole, CHUNK))


def several_at_once(parts: int) -> list[tuple[int, int]]:
    """Spans of parts, one for each kernel call, with enough calls for all threads."""
    return spans(parts, min(_TOGETHER, max(1, parts // (4 * get_num_threads()))))
