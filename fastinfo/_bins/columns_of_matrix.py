"""The columns of a matrix to codes: part by part, so that rows which lie together are read once."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from fastinfo._bins.edges import check_number, count_of
from fastinfo._bins.few_samples import code_floats
from fastinfo._bins.options import Binning
from fastinfo._bins.ranges import Range
from fastinfo._bins.rules import mi_bins
from fastinfo._codes.coder import bin_samples, coder_of
from fastinfo._core.checks import Array, read_only
from fastinfo._core.coded_variable import CHUNK, Coded, code_dtype
from fastinfo._core.threads import SMALL, run_in_order, spans
from fastinfo.kernels.binning.transposing import column_ranges

T = TypeVar("T")

_CELLS = 1 << 19  # of a part of a matrix that is turned at a time
_SIDE_BY_SIDE = 64  # columns of it, at most
_TURNED = 512  # rows of it that the first cache turns best
_TURNED_TOGETHER = 8  # columns: numbers of 64 bits that lie in a line of the cache


def code_columns(array: Array, options: Sequence[Binning]) -> tuple[Array, list[Array]]:
    """
    Codes of the columns of a matrix of numbers or dates, and the edges of each.

    Each column of the codes is contiguous (Fortran order).
    """
    array = array.view(np.uint8) if array.dtype.kind == "b" else array
    dates = array.dtype.kind in "mM"
    by_counts = not dates and any(own.by_counts for own in options)
    return (_by_dates if dates else _by_counts if by_counts else _by_edges)(array, options)


def _by_edges(array: Array, options: Sequence[Binning]) -> tuple[Array, list[Array]]:
    """Codes and edges; the range of all columns comes first, then the codes, part by part."""
    columns = list(array.T)
    blocks = _Blocks(array)
    known = zip(options, columns, blocks.ranges(), strict=True)
    edges = [own.edges(column, extent) for own, column, extent in known]
    codes = _room(array, edges)
    coders = [coder_of(c, e, c.dtype) for c, e in zip(columns, edges, strict=True)]

    def fill(i: int, part: slice, block: Array) -> None:
        coders[i](block, codes[part, i])

    blocks.each(fill)
    return codes, edges


def _room(array: Array, edges: Sequence[Array]) -> Array:
    """An array for the codes of all columns among their edges."""
    most = max((len(found) - 1 for found in edges), default=0)
    return np.empty(array.shape, code_dtype(most), order="F")


def _by_dates(array: Array, options: Sequence[Binning]) -> tuple[Array, list[Array]]:
    """Codes and edges of points of time or durations, between edges that are given."""
    unknown = Range(math.nan, math.nan)
    edges = [own.edges(column, unknown) for own, column in zip(options, array.T, strict=True)]
    codes = _room(array, edges)
    for column, found, target in zip(array.T, edges, codes.T, strict=True):
        target[:] = bin_samples(column, found).codes  # of a dtype that all columns fit in
    return codes, edges


def _by_counts(array: Array, options: Sequence[Binning]) -> tuple[Array, list[Array]]:
    """Codes and edges of columns, one after the other; those in rows are turned a few at a time."""
    n, f = array.shape
    in_rows = _lies_in_rows(array)
    most = max((_most_bins(own.bins, n) for own in options), default=1)
    codes = np.empty(array.shape, code_dtype(most), order="F")
    targets = list(codes.T)
    found: list[Coded] = []
    for left, right in spans(f, _TURNED_TOGETHER):
        part = array[:, left:right].T
        if in_rows:
            part = _turned(part)

        def code(i: int, part: Array = part, left: int = left) -> Coded:
            own = options[left + i]
            few = code_floats(part[i], own, mi_bins, targets[left + i])
            if few is not None:
                return few
            known = own.alone and not own.by_rule_mi
            extent = None if known else Range.of(part[i])
            return own.code(part[i], extent=extent, out=targets[left + i])

        found += run_in_order(code, range(right - left), small=array.size <= SMALL)
    edges = [coded.edges for coded in found if coded.edges is not None]
    if all(coded.codes is target for coded, target in zip(found, targets, strict=True)):
        return codes, edges
    codes = _room(array, edges)
    for target, coded in zip(codes.T, found, strict=True):
        target[:] = coded.codes
    return codes, edges


def _most_bins(setting: Any, n: int) -> int:
    """The number of bins that is likely to be the largest for so many samples."""
    return mi_bins(n) if isinstance(setting, str) else check_number(count_of(setting), "bins")


def _turned(part: Array) -> Array:
    """Columns, each contiguous."""
    if part.size <= SMALL:
        return np.ascontiguousarray(part)
    out = np.empty(part.shape, part.dtype)

    def turn(span: tuple[int, int]) -> None:
        for first, last in spans(span[1] - span[0], _TURNED):
            here = slice(span[0] + first, span[0] + last)
            out[:, here] = part[:, here]

    run_in_order(turn, spans(part.shape[1], CHUNK))
    return out


def _lies_in_rows(array: Array) -> bool:
    """Whether the rows of a matrix, and not its columns, lie together in memory."""
    return array.shape[1] > 1 and abs(array.strides[1]) < abs(array.strides[0])


class _Blocks:
    """The columns of a matrix in parts; rows that lie together in memory are turned together."""

    def __init__(self, array: Array) -> None:
        self.array = array
        n, f = array.shape
        self.in_rows = _lies_in_rows(array)
        width = min(f, _SIDE_BY_SIDE) if self.in_rows else 1
        self.row_spans = spans(n, _CELLS // width if self.in_rows else CHUNK)
        self.pieces = [(rows, columns) for rows in self.row_spans for columns in spans(f, width)]

    def each(self, work: Callable[[int, slice, Array], T]) -> list[list[T]]:
        """Call ``work(column, rows, samples)``; the results of each column, by parts."""

        def of_piece(piece: tuple[tuple[int, int], tuple[int, int]]) -> list[T]:
            (start, stop), (left, right) = piece
            part = slice(start, stop)
            if not self.in_rows:
                return [work(left, part, self.array[part, left])]
            turned = np.empty((right - left, stop - start), self.array.dtype)
            for first, last in spans(stop - start, _TURNED):
                turned[:, first:last] = self.array[start + first : start + last, left:right].T
            return [work(left + i, part, turned[i]) for i in range(right - left)]

        found: list[list[T]] = [[] for _ in range(self.array.shape[1])]
        for (_, (left, _)), results in zip(
            self.pieces, run_in_order(of_piece, self.pieces), strict=True
        ):
            for i, result in enumerate(results):
                found[left + i].append(result)
        return found

    def ranges(self) -> list[Range]:
        """Smallest and largest sample of each column that is not NaN, and how many are not."""
        if self.array.dtype.itemsize > 8:
            return [Range.of(column) for column in self.array.T]
        if self.in_rows and self.array.dtype in (np.float32, np.float64) and len(self.array):
            return self._ranges_of_rows()
        found = self.each(lambda i, part, block: Range.of(block))
        return [functools.reduce(operator.or_, parts, Range()) for parts in found]

    def _ranges_of_rows(self) -> list[Range]:
        n_columns = self.array.shape[1]

        def measure(span: tuple[int, int]) -> tuple[Array, Array, Array]:
            low = np.full(n_columns, np.inf, self.array.dtype)
            high, n = -low, np.zeros(n_columns, np.int64)
            column_ranges(read_only(self.array[slice(*span)]), low, high, n)
            return low, high, n

        lows, highs, numbers = zip(*run_in_order(measure, self.row_spans), strict=True)
        least, most = (np.min(lows, axis=0).tolist(), np.max(highs, axis=0).tolist())
        return list(map(Range, least, most, np.sum(numbers, axis=0).tolist()))
