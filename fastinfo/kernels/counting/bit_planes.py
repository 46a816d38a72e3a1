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

BYTES = 2048  #: of a plane of one block, at most

_NO_LEVEL = np.uint8(255)
_STRIP = 64  # planes that stay in the second cache while others pass

_ONE = np.uint64(1)
_TWO = np.uint64(2)
_FOUR = np.uint64(4)
_PAIRS = np.uint64(0x5555555555555555)
_FOURS = np.uint64(0x3333333333333333)
_BYTES = np.uint64(0x0F0F0F0F0F0F0F0F)
_SUM = np.uint64(0x0101010101010101)
_TOP = np.uint64(56)


@kernel(inline=True)
def _bits(x):
    """Number of bits that are set; LLVM knows this form and takes the instruction for it."""
    x = x - ((x >> _ONE) & _PAIRS)
    x = (x & _FOURS) + ((x >> _TWO) & _FOURS)
    x = (x + (x >> _FOUR)) & _BYTES
    return (x * _SUM) >> _TOP


@kernel(inline=True)
def _fill(codes, level, plane):
    """The plane of one level of a block."""
    zero = np.uint8(0)
    n = plane.size
    for w in range(n):
        bits = np.uint8(1) if codes[w] == level else zero
        bits |= np.uint8(2) if codes[w + n] == level else zero
        bits |= np.uint8(4) if codes[w + 2 * n] == level else zero
        bits |= np.uint8(8) if codes[w + 3 * n] == level else zero
        bits |= np.uint8(16) if codes[w + 4 * n] == level else zero
        bits |= np.uint8(32) if codes[w + 5 * n] == level else zero
        bits |= np.uint8(64) if codes[w + 6 * n] == level else zero
        bits |= np.uint8(128) if codes[w + 7 * n] == level else zero
        plane[w] = bits


@kernel
def fill_planes(codes, columns, start, stop, buffer, planes):
    """
    Planes of the first levels of some columns, and the one of all rows, into `planes` (uint8).

    Columns are (columns, 2), int64: the row of the codes, and how many levels. From `start` to
    `stop` there are at most eight rows for each byte of a plane; `buffer` holds that many codes.
    """
    n = stop - start
    k = 0
    for r in range(n, buffer.size):
        buffer[r] = _NO_LEVEL
    for i in range(columns.shape[0]):
        row, levels = columns[i]
        part = codes[row, start:stop]
        if n == buffer.size:
            for level in range(levels):
                _fill(part, np.uint8(level), planes[k + level])
        else:
            for r in range(part.size):
                buffer[r] = part[r]
            for level in range(levels):
                _fill(buffer, np.uint8(level), planes[k + level])
        k += levels
    for r in range(n):
        buffer[r] = np.uint8(0)
    _fill(buffer, np.uint8(0), planes[k])


@kernel(inline=True)
def _count_tile(a0, a1, a2, a3, b0, b1, b2, b3, out):
    """Shared bits of four planes with four others: each is read once for four counts."""
    zero = np.uint64(0)
    s00 = s01 = s02 = s03 = zero
    s10 = s11 = s12 = s13 = zero
    s20 = s21 = s22 = s23 = zero
    s30 = s31 = s32 = s33 = zero
    for w in range(a0.size):
        x0 = a0[w]
        x1 = a1[w]
        x2 = a2[w]
        x3 = a3[w]
        y0 = b0[w]
        y1 = b1[w]
        y2 = b2[w]
        y3 = b3[w]
        s00 += _bits(x0 & y0)
        s01 += _bits(x0 & y1)
        s02 += _bits(x0 & y2)
        s03 += _bits(x0 & y3)
        s10 += _bits(x1 & y0)
        s11 += _bits(x1 & y1)
        s12 += _bits(x1 & y2)
        s13 += _bits(x1 & y3)
        s20 += _bits(x2 & y0)
        s21 += _bits(x2 & y1)
        s22 += _bits(x2 & y2)
        s23 += _bits(x2 & y3)
        s30 += _bits(x3 & y0)
        s31 += _bits(x3 & y1)
        s32 += _bits(x3 & y2)
        s33 += _bits(x3 & y3)
    out[0, 0] += np.int64(s00)
    out[0, 1] += np.int64(s01)
    out[0, 2] += np.int64(s02)
    out[0, 3] += np.int64(s03)
    out[1, 0] += np.int64(s10)
    out[1, 1] += np.int64(s11)
    out[1, 2] += np.int64(s12)
    out[1, 3] += np.int64(s13)
    out[2, 0] += np.int64(s20)
    out[2, 1] += np.int64(s21)
    out[2, 2] += np.int64(s22)
    out[2, 3] += np.int64(s23)
    out[3, 0] += np.int64(s30)
    out[3, 1] += np.int64(s31)
    out[3, 2] += np.int64(s32)
    out[3, 3] += np.int64(s33)


@kernel
def count_planes(x, y, same, table):
    """
    Add the number of bits that each plane of `x` shares with each of `y` to an int64 table.

    Planes are uint64 here, (planes, words). If both are the `same`, what lies below the diagonal
    is left out, but for tiles that the diagonal crosses.
    """
    for left in range(0, y.shape[0], _STRIP):
        right = min(left + _STRIP, y.shape[0])
        for i in range(0, min(x.shape[0], right) if same else x.shape[0], 4):
            for j in range(max(left, i) if same else left, right, 4):
                _count_tile(
                    x[i],
                    x[i + 1],
                    x[i + 2],
                    x[i + 3],
                    y[j],
                    y[j + 1],
                    y[j + 2],
                    y[j + 3],
                    table[i : i + 4, j : j + 4],
                )


@kernel
def count_by_planes(x_codes, x_columns, y_codes, y_columns, same, start, stop, x, y, table):
    """
    Add what all planes of some columns share with those of others, for rows start to stop.

    Columns are (columns, 2), int64: the row of the codes, and how many levels are planes. `x` and
    `y` are scratch of uint8, of as many bytes each, zero where there is no level's plane; if both
    sides are the `same`, only `x` is used.
    """
    rows = 8 * x.shape[1]
    buffer = np.empty(rows, np.uint8)
    for first in range(start, stop, rows):
        last = min(first + rows, stop)
        fill_planes(x_codes, x_columns, first, last, buffer, x)
        if same:
            count_planes(x.view(np.uint64), x.view(np.uint64), True, table)
        else:
            fill_planes(y_codes, y_columns, first, last, buffer, y)
            count_planes(x.view(np.uint64), y.view(np.uint64), False, table)
