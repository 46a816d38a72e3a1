"""Codes to bits: all pairs of levels of many columns, counted by AND and population count.

A plane is a bit for each row, set where a column has one level. The rows that have level ``a`` in
one column and ``b`` in another are the bits that two planes share: 64 at a time, and 512 where the
processor has a population count of vectors. Planes are made for a block of rows, eight for each
byte of a plane, in which bit ``k`` of byte ``w`` belongs to row ``k * bytes + w``: so neighbouring
codes go to neighbouring bytes, in a SIMD loop. The last plane of a set is every row: sharing bits
with it counts a level.

Contract: codes are (columns, rows), uint8, each row contiguous, and below 255; planes are
C-contiguous, (planes, bytes), their number a multiple of four and their bytes one of eight; this is
not checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import bits_set, new_array

BYTES = 2048  #: of a plane of one block, at most

_NO_LEVEL = np.uint8(255)
_STRIP = 64  # planes that stay in the second cache while others pass


@kernel
def fill_planes(codes, columns, start, stop, buffer, planes):
    """
    Planes of the first levels of some columns, and the one of all rows, into `planes` (uint8).

    Columns are (columns, 2), int64: the row of the codes, and how many levels. From `start` to
    `stop` there are at most eight rows for each byte of a plane; `buffer` holds that many codes.
    """
    zero = np.uint8(0)
    n = np.uint64(planes.shape[1])
    k = np.uint64(0)
    for i in range(columns.shape[0] + 1):
        levels = 1  # after the columns: all rows
        for r in range(stop - start, buffer.size):
            buffer[np.uint64(r)] = _NO_LEVEL
        if i < columns.shape[0]:
            row = np.uint64(columns[i, 0])
            levels = columns[i, 1]
            for r in range(stop - start):
                buffer[np.uint64(r)] = codes[row, np.uint64(start + r)]
        else:
            for r in range(stop - start):
                buffer[np.uint64(r)] = zero
        for each in range(levels):
            level = np.uint8(each)
            for w in range(n):
                bits = np.uint8(1) if buffer[w] == level else zero
                bits |= np.uint8(2) if buffer[w + n] == level else zero
                bits |= np.uint8(4) if buffer[w + np.uint64(2) * n] == level else zero
                bits |= np.uint8(8) if buffer[w + np.uint64(3) * n] == level else zero
                bits |= np.uint8(16) if buffer[w + np.uint64(4) * n] == level else zero
                bits |= np.uint8(32) if buffer[w + np.uint64(5) * n] == level else zero
                bits |= np.uint8(64) if buffer[w + np.uint64(6) * n] == level else zero
                bits |= np.uint8(128) if buffer[w + np.uint64(7) * n] == level else zero
                planes[k, w] = bits
            k += np.uint64(1)


@kernel(inline=True)
def _count_tile(x, i, y, j, table):
    """Shared bits of four planes with four others: each is read once for four counts."""
    one = np.uint64(1)
    two = np.uint64(2)
    three = np.uint64(3)
    zero = np.uint64(0)
    s00 = s01 = s02 = s03 = zero
    s10 = s11 = s12 = s13 = zero
    s20 = s21 = s22 = s23 = zero
    s30 = s31 = s32 = s33 = zero
    for w in range(np.uint64(x.shape[1])):
        x0 = x[i, w]
        x1 = x[i + one, w]
        x2 = x[i + two, w]
        x3 = x[i + three, w]
        y0 = y[j, w]
        y1 = y[j + one, w]
        y2 = y[j + two, w]
        y3 = y[j + three, w]
        s00 += bits_set(x0 & y0)
        s01 += bits_set(x0 & y1)
        s02 += bits_set(x0 & y2)
        s03 += bits_set(x0 & y3)
        s10 += bits_set(x1 & y0)
        s11 += bits_set(x1 & y1)
        s12 += bits_set(x1 & y2)
        s13 += bits_set(x1 & y3)
        s20 += bits_set(x2 & y0)
        s21 += bits_set(x2 & y1)
        s22 += bits_set(x2 & y2)
        s23 += bits_set(x2 & y3)
        s30 += bits_set(x3 & y0)
        s31 += bits_set(x3 & y1)
        s32 += bits_set(x3 & y2)
        s33 += bits_set(x3 & y3)
    table[i, j] += np.int64(s00)
    table[i, j + one] += np.int64(s01)
    table[i, j + two] += np.int64(s02)
    table[i, j + three] += np.int64(s03)
    table[i + one, j] += np.int64(s10)
    table[i + one, j + one] += np.int64(s11)
    table[i + one, j + two] += np.int64(s12)
    table[i + one, j + three] += np.int64(s13)
    table[i + two, j] += np.int64(s20)
    table[i + two, j + one] += np.int64(s21)
    table[i + two, j + two] += np.int64(s22)
    table[i + two, j + three] += np.int64(s23)
    table[i + three, j] += np.int64(s30)
    table[i + three, j + one] += np.int64(s31)
    table[i + three, j + two] += np.int64(s32)
    table[i + three, j + three] += np.int64(s33)


@kernel
def count_planes(x, y, same, table):
    """
    Add the number of bits that each plane of `x` shares with each of `y` to an int64 table.

    Planes are uint64 here, (planes, words). If both are the `same`, what lies below the diagonal
    is left out, but for tiles that the diagonal crosses.
    """
    for left in range(0, y.shape[0], _STRIP):
        right = left + _STRIP if left + _STRIP < y.shape[0] else y.shape[0]
        below = right if same and right < x.shape[0] else x.shape[0]
        for i in range(0, below, 4):
            for j in range(i if same and i > left else left, right, 4):
                _count_tile(x, np.uint64(i), y, np.uint64(j), table)


@kernel
def count_by_planes(
    x_codes, x_columns, y_codes, y_columns, same, start, stop, x, x_words, y, y_words, table
):
    """
    Add what all planes of some columns share with those of others, for rows start to stop.

    Columns are (columns, 2), int64: the row of the codes, and how many levels are planes. `x` and
    `y` are scratch of uint8, of as many bytes each, zero where there is no level's plane, and
    `x_words` and `y_words` the same memory as uint64; if both sides are the `same`, `y` is `x`.
    """
    rows = 8 * x.shape[1]
    buffer = new_array(rows, np.uint8)
    for first in range(start, stop, rows):
        last = first + rows if first + rows < stop else stop
        fill_planes(x_codes, x_columns, first, last, buffer, x)
        if not same:
            fill_planes(y_codes, y_columns, first, last, buffer, y)
        count_planes(x_words, y_words, same, table)
