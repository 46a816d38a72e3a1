"""C-ordered matrices: the ranges of their columns, in one pass over the rows."""

from __future__ import annotations

import math

import numpy as np

from fastinfo._bins.ranges import Range
from fastinfo._core.checks import Array, read_only
from fastinfo._core.threads import run_in_order, spans
from fastinfo.kernels.binning.transposing import least_and_most, turn_columns

_PASSED = 1 << 20  # numbers for one call of the kernel
_MANY = 1 << 16  # for smaller matrices, NumPy is as fast as a kernel
_TURNED = 512  # number of rows that NumPy transposes fastest
_TOGETHER = 256  # bytes of rows that are compared at a time; with more, reading is slower


def lies_in_rows(array: Array) -> bool:
    """Whether a matrix is in C order rather than in Fortran order."""
    return array.shape[1] > 1 and abs(array.strides[1]) < abs(array.strides[0])


def plain_rows(a: Array) -> Array:
    """A part of a matrix as kernels take it: contiguous, aligned, in native byte order."""
    return read_only(np.require(a, a.dtype.newbyteorder("="), ["C", "A"]))


def row_spans(a: Array) -> list[tuple[int, int]]:
    """Spans of rows for the calls of a kernel."""
    n, f = a.shape
    return spans(n, max(_PASSED // f, 1))


def extremes_in_rows(a: Array) -> tuple[Array, Array, bool]:
    """Smallest and largest number of each column without NaN, and whether there is NaN."""
    f = a.shape[1]
    together = max(_TOGETHER // (f * a.itemsize), 1)  # several short rows are compared at a time
    ends: tuple[float, float] = math.inf, -math.inf
    if a.dtype.kind != "f":
        ends = np.iinfo(a.dtype).max, np.iinfo(a.dtype).min

    def measure(span: tuple[int, int]) -> tuple[Array, Array, bool]:
        part = plain_rows(a[slice(*span)])
        low, high = (np.full(together * f, end, part.dtype) for end in ends)
        rows = part.shape[0] // (4 * together) * (4 * together)
        odd = bool(least_and_most(part[:rows].reshape(-1), low, high))
        few = part[rows:]
        least = np.fmin.reduce([*low.reshape(together, f), *few])
        most = np.fmax.reduce([*high.reshape(together, f), *few])
        return least, most, odd or bool((few != few).any())

    least, most, odd = zip(*run_in_order(measure, row_spans(a)), strict=True)
    return np.min(least, axis=0), np.max(most, axis=0), any(odd)


def ranges_in_rows(a: Array) -> list[Range]:
    """Smallest and largest sample of each column that is not NaN, and how many are not."""
    least, most, odd = extremes_in_rows(a)
    sizes = [len(a)] * a.shape[1]
    if odd:
        counts = run_in_order(
            lambda span: np.count_nonzero(a[slice(*span)] == a[slice(*span)], axis=0), row_spans(a)
        )
        sizes = np.sum(counts, axis=0).tolist()
    return list(map(Range, least.tolist(), most.tolist(), sizes))


def turn_part(
    a: Array, rows: tuple[int, int], columns: tuple[int, int], out: Array, to: int = 0
) -> None:
    """Write some rows and columns of a matrix, transposed, to `out` from place `to` on."""
    (start, stop), (left, right) = rows, columns
    plain = a.dtype.kind in "fiu" and a.itemsize in (4, 8) and a.flags.c_contiguous
    if plain and a.flags.aligned and a.size >= _MANY:
        bits = np.dtype(f"u{a.itemsize}")
        turn_columns(read_only(a.view(bits)), start, stop, left, out.view(bits), to)
        return
    for first, last in spans(stop - start, _TURNED):
        part = a[start + first : start + last, left:right]
        out[:, to + first : to + last] = part.T
