"""Ranges, codes and cells of the columns of a C-ordered matrix, transposed on the way.

What the kernels expect: matrices are two-dimensional and hold real numbers; those that are
transposed are C-contiguous. This is not checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import as_matrix, as_vector, new_array
from fastinfo.kernels.elementary.turning import SIDE, turn_square

_LINE = 64  # bytes of a cache line


@kernel
def least_and_most(numbers, low, high):
    """
    Update the smallest and largest number at each place of some rows, and report NaN.

    Returns whether there is a NaN. The number of rows in `numbers` is a multiple of four, and each
    has as many numbers as `low` and `high`.
    """
    width = low.size
    odd = np.uint8(0)
    for first in range(0, numbers.size, 4 * width):
        at = np.uint64(first)
        for i in range(width):
            place = np.uint64(i)
            k = at + place
            a = numbers[k]
            b = numbers[k + np.uint64(width)]
            c = numbers[k + np.uint64(2 * width)]
            d = numbers[k + np.uint64(3 * width)]
            least = low[place]
            most = high[place]
            least = a if a < least else least
            most = a if a > most else most
            least = b if b < least else least
            most = b if b > most else most
            least = c if c < least else least
            most = c if c > most else most
            least = d if d < least else least
            most = d if d > most else most
            low[place] = least
            high[place] = most
            odd |= np.uint8((a != a) | (b != b) | (c != c) | (d != d))
    return odd != 0


@kernel
def turn_to_bytes(a, start, stop, out, to):
    """
    Write the lowest byte of each integer of rows start:stop, transposed, from place `to` on.

    `out` is uint8, with a row for each column. Squares of several rows are processed one after
    another, so that whole cache lines are written. Squares at the right end overlap, so that few
    numbers are left to transpose singly.
    """
    done = start
    if a.shape[1] >= SIDE:
        done = stop - (stop - start) % SIDE
        last = a.shape[1] - SIDE
        for first in range(start, done, _LINE):
            end = first + _LINE if first + _LINE < done else done
            for i in range(0, last, SIDE):
                for r in range(first, end, SIDE):
                    turn_square(a, r, i, out, i, to + r - start)
            for r in range(first, end, SIDE):
                turn_square(a, r, last, out, last, to + r - start)
    for i in range(a.shape[1]):
        for r in range(done, stop):
            byte = np.int64(a[np.uint64(r), np.uint64(i)]) & np.int64(255)
            out[np.uint64(i), np.uint64(to + r - start)] = byte


@kernel
def turn_columns(a, start, stop, left, out, to):
    """
    Write the integers of rows start:stop and columns from `left` on, transposed.

    `out` has a row for each column and the same dtype, and is written from place `to` on.
    """
    width = out.shape[0]
    done = start
    if width >= SIDE:
        done = stop - (stop - start) % SIDE
        last = width - SIDE
        for r in range(start, done, SIDE):
            for i in range(0, last, SIDE):
                turn_square(a, r, left + i, out, i, to + r - start)
            turn_square(a, r, left + last, out, last, to + r - start)
    for i in range(width):
        for r in range(done, stop):
            v = a[np.uint64(r), np.uint64(left + i)]
            out[np.uint64(i), np.uint64(to + r - start)] = v


@kernel(inline=True)
def _cell(v, low, scale, last):
    """Cell of a sample that is not below `low`; NaN gets the third cell after the last."""
    p = (np.float64(v) - low) * scale
    p = p if p < last else last
    return np.int32(p if v == v else last + 3.0)


@kernel
def turn_to_cells(a, low, scale, last, out, to):
    """
    Write the cells of equal width of the samples of each column to rows of uint16.

    They are written from place `to` on. The cells are those of
    :func:`fastinfo.kernels.binning.equal_counts.fill_cells` without a usual value, beginning at the
    smallest sample. The parameters of each column are repeated for eight rows, so that eight rows
    are processed in one loop.
    """
    width = a.shape[1]
    numbers = as_vector(a)
    cells = new_array(SIDE * width, np.uint16)
    square = as_matrix(cells, np.int64(SIDE), width)
    done = a.shape[0] - a.shape[0] % SIDE if width >= SIDE else 0
    for r in range(0, done, SIDE):
        first = np.uint64(r * width)
        for i in range(SIDE * width):
            k = np.uint64(i)
            cells[k] = _cell(numbers[first + k], low[k], scale[k], last[k])
        for i in range(0, width - SIDE, SIDE):
            turn_square(square, 0, i, out, i, to + r)
        turn_square(square, 0, width - SIDE, out, width - SIDE, to + r)
    for i in range(width):
        k = np.uint64(i)
        for r in range(done, a.shape[0]):
            v = numbers[np.uint64(r * width + i)]
            out[k, np.uint64(to + r)] = _cell(v, low[k], scale[k], last[k])
