"""Count the pairs of levels of many columns by bit operations: AND and population count.

A plane has one bit for each row, which is set if a column has a certain level there. The rows with
level ``a`` in one column and ``b`` in another are the bits that are set in both planes. They are
counted 64 at a time, or 512 if the processor has a population count for vectors. Planes are made
for a block of rows: eight rows for each byte of a plane, where bit ``k`` of byte ``w`` belongs to
row ``k * bytes + w``. So neighbouring codes go to neighbouring bytes, in a SIMD loop. In the last
plane of a set, the bits of all rows are set: the bits that another plane shares with it are the
count of that level.

What the kernels expect: codes are (columns, rows), uint8 and below 255, and each row is contiguous.
Planes are C-contiguous, (planes, bytes); the number of planes is a multiple of four and that of
bytes a multiple of eight. This is not checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import bits_set, new_array

BYTES = 2048  #: the most bytes in a plane of one block

_NO_LEVEL = np.uint8(255)
_STRIP = 64  # planes that stay in the second-level cache while they meet all others


@kernel(inline=True)
def read_codes(codes, columns, i, start, stop, size, buffer):
    """
    Read rows start to stop of one column into a buffer of codes; returns its number of levels.

    After the last column comes one that has code 0 in all rows. Up to `size`, the rest of the
    buffer is filled with a code that is no level's.
    """
    for r in range(stop - start, size):
        buffer[np.uint64(r)] = _NO_LEVEL
    if i < columns.shape[0]:
        row = np.uint64(columns[i, 0])
        for r in range(stop - start):
            buffer[np.uint64(r)] = codes[row, np.uint64(start + r)]
        return columns[i, 1]
    for r in range(stop - start):
        buffer[np.uint64(r)] = np.uint8(0)
    return 1


@kernel
def fill_planes(codes, columns, start, stop, buffer, planes):
    """
    Write the planes of the first levels of some columns, and the plane of all rows.

    `planes` is uint8. `columns` is (columns, 2), int64: a row of the codes, and its number of
    levels. There are at most eight rows from `start` to `stop` for each byte of a plane; `buffer`
    has room for that many codes.
    """
    zero = np.uint8(0)
    n = np.uint64(planes.shape[1])
    k = np.uint64(0)
    for i in range(columns.shape[0] + 1):
        levels = read_codes(codes, columns, i, start, stop, buffer.size, buffer)
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
    """Count the shared bits of four planes with four others: each is read once for four counts."""
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
    Add the number of bits that each plane of `x` shares with each plane of `y` to a table.

    Planes are uint64 here, (planes, words), and the table is int64. If both are the `same`, cells
    below the diagonal are left out, except in tiles that the diagonal crosses.
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
    Add the bits shared by all planes of some columns with those of others, for some rows.

    The rows are those from `start` to `stop`. Columns are (columns, 2), int64: a row of the codes,
    and how many of its levels have planes. `x` and `y` are uint8 work arrays of the same number of
    bytes, zero where no level has a plane. `x_words` and `y_words` are the same memory as uint64.
    If both sides are the `same`, `y` is `x`.
    """
    rows = 8 * x.shape[1]
    buffer = new_array(rows, np.uint8)
    for first in range(start, stop, rows):
        last = first + rows if first + rows < stop else stop
        fill_planes(x_codes, x_columns, first, last, buffer, x)
        if not same:
            fill_planes(y_codes, y_columns, first, last, buffer, y)
        count_planes(x_words, y_words, same, table)
