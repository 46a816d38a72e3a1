"""Code the columns of a matrix part by part, so that a C-ordered matrix is read once."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from fastinfo._bins.columns_in_rows import lies_in_rows, ranges_in_rows, turn_part
from fastinfo._bins.edges import check_number, count_of
from fastinfo._bins.few_samples import code_floats
from fastinfo._bins.options import Binning
from fastinfo._bins.ranges import Range
from fastinfo._bins.rules import mi_bins
from fastinfo._codes.coder import bin_samples, coder_of
from fastinfo._core.checks import Array
from fastinfo._core.coded_variable import CHUNK, Coded, code_dtype
from fastinfo._core.threads import SMALL, run_in_order, spans

T = TypeVar("T")

_CELLS = 1 << 19  # cells of a part of a matrix that is transposed at a time
_SIDE_BY_SIDE = 64  # the most columns of such a part
_TURNED_TOGETHER = 8  # columns whose numbers of 64 bits fill a cache line


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
    """Codes and edges; first the ranges of all columns, then the codes, part by part."""
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
    """An array for the codes of all columns."""
    most = max((len(found) - 1 for found in edges), default=0)
    return np.empty(array.shape, code_dtype(most), order="F")


def _by_dates(array: Array, options: Sequence[Binning]) -> tuple[Array, list[Array]]:
    """Codes and edges of points in time or durations, for given edges."""
    unknown = Range(math.nan, math.nan)
    edges = [own.edges(column, unknown) for own, column in zip(options, array.T, strict=True)]
    codes = _room(array, edges)
    for column, found, target in zip(array.T, edges, codes.T, strict=True):
        target[:] = bin_samples(column, found).codes  # in a dtype that fits all columns
    return codes, edges


def _by_counts(array: Array, options: Sequence[Binning]) -> tuple[Array, list[Array]]:
    """Codes and edges, column by column; C-ordered columns are transposed a few at a time."""
    n, f = array.shape
    in_rows = lies_in_rows(array)
    most = max((_most_bins(own.bins, n) for own in options), default=1)
    codes = np.empty(array.shape, code_dtype(most), order="F")
    targets = list(codes.T)
    found: list[Coded] = []
    for left, right in spans(f, _TURNED_TOGETHER):
        part = _turned(array, left, right) if in_rows else array[:, left:right].T

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
    """The number of bins that is probably the largest for `n` samples."""
    return mi_bins(n) if isinstance(setting, str) else check_number(count_of(setting), "bins")


def _turned(array: Array, left: int, right: int) -> Array:
    """Columns of a matrix, each contiguous."""
    if (right - left) * len(array) <= SMALL:
        return np.ascontiguousarray(array[:, left:right].T)
    out = np.empty((right - left, len(array)), array.dtype)
    run_in_order(
        lambda span: turn_part(array, span, (left, right), out, span[0]), spans(len(array), CHUNK)
    )
    return out


class _Blocks:
    """The columns of a matrix in parts; parts of a C-ordered matrix are transposed."""

    def __init__(self, array: Array) -> None:
        self.array = array
        n, f = array.shape
        self.in_rows = lies_in_rows(array)
        width = min(f, _SIDE_BY_SIDE) if self.in_rows else 1
        self.row_spans = spans(n, _CELLS // width if self.in_rows else CHUNK)
        self.pieces = [(rows, columns) for rows in self.row_spans for columns in spans(f, width)]

    def each(self, work: Callable[[int, slice, Array], T]) -> list[list[T]]:
        """Call ``work(column, rows, samples)``; return the results of each column, by parts."""

        def of_piece(piece: tuple[tuple[int, int], tuple[int, int]]) -> list[T]:
            (start, stop), (left, right) = piece
            part = slice(start, stop)
            if not self.in_rows:
                return [work(left, part, self.array[part, left])]
            turned = np.empty((right - left, stop - start), self.array.dtype)
            turn_part(self.array, (start, stop), (left, right), turned)
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
            return ranges_in_rows(self.array)
        found = self.each(lambda i, part, block: Range.of(block))
        return [functools.reduce(operator.or_, parts, Range()) for parts in found]
