"""Codes to bits: all pairs of levels of many columns, counted by AND and population count.

A plane is a bit for each row, set where a column has one level. The rows that have level ``a`` in
one column and ``b`` in another are the bits that two planes share: 64 at a time, and 512 where the
processor has a population count of vectors. Planes are made for a block of :data:`ROWS` rows, in
which bit ``k`` of byte ``w`` belongs to row ``k * BYTES + w``: so neighbouring codes go to
neighbouring bytes, in a SIMD loop. The last plane of a set is every row: sharing bits with it
counts a level.

Contract: codes are (columns, rows), uint8, each row contiguous; planes are C-contiguous, their
number a multiple of four; this is not checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._jit import kernel

__all__ = ["BYTES", "ROWS", "count_by_planes", "count_planes", "fill_planes"]

BYTES = 2048  #: of a plane of one block
ROWS = 8 * BYTES  #: rows of a block

_NO_LEVEL = np.uint8(255)
_STRIP = 128  # planes that stay in the second cache while others pass

_ONE = np.uint64(1)
_TWO = np.uint64(2)
_FOUR = np.uint64(4)
_PAIRS = np.uint64(0x5555555555555555)
_FOURS = np.uint64(0x3333333333333333)
_BYTES = np.uint64(0x0F0F0F0F0F0F0F0F)
_SUM = np.uint64(0x0101010101010101)
_TOP = np.uint64(56)


@kernel(inline=True)
def _bits(x):  # type: ignore[no-untyped-def]
    """Number of bits that are set; LLVM knows this form and takes the instruction for it."""
    x = x - ((x >> _ONE) & _PAIRS)
    x = (x & _FOURS) + ((x >> _TWO) & _FOURS)
    x = (x + (x >> _FOUR)) & _BYTES
    return (x * _SUM) >> _TOP


@kernel(inline=True)
def _fill(c0, c1, c2, c3, c4, c5, c6, c7, level, plane):  # type: ignore[no-untyped-def]
    """The plane of one level, from the eighths of a block."""
    zero = np.uint8(0)
    for w in range(plane.size):
        bits = np.uint8(1) if c0[w] == level else zero
        bits |= np.uint8(2) if c1[w] == level else zero
        bits |= np.uint8(4) if c2[w] == level else zero
        bits |= np.uint8(8) if c3[w] == level else zero
        bits |= np.uint8(16) if c4[w] == level else zero
        bits |= np.uint8(32) if c5[w] == level else zero
        bits |= np.uint8(64) if c6[w] == level else zero
        bits |= np.uint8(128) if c7[w] == level else zero
        plane[w] = bits


@kernel(inline=True)
def _fill_levels(part, levels, planes):  # type: ignore[no-untyped-def]
    for level in range(levels):
        _fill(
            part[:BYTES],
            part[BYTES : 2 * BYTES],
            part[2 * BYTES : 3 * BYTES],
            part[3 * BYTES : 4 * BYTES],
            part[4 * BYTES : 5 * BYTES],
            part[5 * BYTES : 6 * BYTES],
            part[6 * BYTES : 7 * BYTES],
            part[7 * BYTES : ROWS],
            np.uint8(level),
            planes[level],
        )


@kernel
def fill_planes(codes, columns, stored, start, stop, buffer, planes):  # type: ignore[no-untyped-def]
    """
    Planes of the first levels of some columns, `stored` of each, and the one of all rows.

    For the rows from `start` to `stop`, at most :data:`ROWS`; `buffer` holds that many codes, and
    `planes` (planes, BYTES), uint8, is written as far as there are any.
    """
    n = stop - start
    k = 0
    for i in range(columns.size):
        if n == ROWS:
            _fill_levels(codes[columns[i], start:stop], stored[i], planes[k:])
        else:
            for r in range(n):
                buffer[r] = codes[columns[i], start + r]
            for r in range(n, ROWS):
                buffer[r] = _NO_LEVEL
            _fill_levels(buffer, stored[i], planes[k:])
        k += stored[i]
    for r in range(ROWS):
        buffer[r] = np.uint8(0) if r < n else _NO_LEVEL
    _fill_levels(buffer, 1, planes[k:])


@kernel(inline=True)
def _count_tile(a0, a1, a2, a3, b0, b1, b2, b3, out):  # type: ignore[no-untyped-def]
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
def count_planes(x, y, same, table):  # type: ignore[no-untyped-def]
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
def count_by_planes(
    x_codes, x_columns, x_stored, y_codes, y_columns, y_stored, same, start, stop, x, y, table
):  # type: ignore[no-untyped-def]
    """
    Add what all planes of some columns share with those of others, for the rows from start to stop.

    `x` and `y` (planes, BYTES) are scratch of uint8 in which the planes that are no level's are 0;
    if both sides are the `same`, the first alone is used.
    """
    buffer = np.empty(ROWS, np.uint8)
    for first in range(start, stop, ROWS):
        last = min(first + ROWS, stop)
        fill_planes(x_codes, x_columns, x_stored, first, last, buffer, x)
        if same:
            count_planes(x.view(np.uint64), x.view(np.uint64), True, table)
        else:
            fill_planes(y_codes, y_columns, y_stored, first, last, buffer, y)
            count_planes(x.view(np.uint64), y.view(np.uint64), False, table)
