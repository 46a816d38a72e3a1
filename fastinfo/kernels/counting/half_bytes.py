"""Codes to half bytes: all pairs of levels of many columns, counted by shuffles of bytes.

For processors without a population count of vectors (:mod:`.shuffles` of `elementary`). A half byte
of a level has a bit for each of four rows, set where a column has the level. The half bytes of two
levels are counted against those of 64 others, for 240 rows in registers; the half bytes of the
others have to lie next to each other for that, and are turned block by block.

What the kernels expect: the same as those of :mod:`.bit_planes`.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.counting.bit_planes import read_codes
from fastinfo.kernels.elementary.memory import as_matrix, bits_set, new_array, new_zeros
from fastinfo.kernels.elementary.shuffles import (
    LANES,
    PART,
    STRIP,
    TABLE,
    shared_by_one,
    shared_by_two,
)
from fastinfo.kernels.elementary.turning import SIDE, turn_square

ROWS = 1920  #: of one block, at most: parts whose counts a 16-bit number holds

_ROWS = np.uint64(4)  # of a half byte


@kernel
def fill_tables(tables):
    """Of each pair of half bytes, the second in the upper half, what it shares with others."""
    for pair in range(np.uint64(256)):
        for k in range(np.uint64(TABLE)):
            first = bits_set(pair & k)
            second = bits_set((pair >> _ROWS) & k)
            tables[pair * np.uint64(TABLE) + k] = np.uint8(first | second << _ROWS)


@kernel
def fill_half_bytes(codes, columns, start, stop, groups, buffer, halves):
    """
    Half bytes of the first levels of some columns, and of all rows, into a vector of uint8.

    Columns are (columns, 2), int64: the row of the codes, and how many levels. From `start` to
    `stop` there are at most four rows for each of so many `groups`; bit ``k`` of a level's half
    byte ``g`` is row ``k * groups + g``. `buffer` holds the codes of as many rows.
    """
    zero = np.uint8(0)
    n = np.uint64(groups)
    place = np.uint64(0)
    for i in range(columns.shape[0] + 1):
        levels = read_codes(codes, columns, i, start, stop, 4 * groups, buffer)
        for each in range(levels):
            level = np.uint8(each)
            for g in range(n):
                bits = np.uint8(1) if buffer[g] == level else zero
                bits |= np.uint8(2) if buffer[g + n] == level else zero
                bits |= np.uint8(4) if buffer[g + np.uint64(2) * n] == level else zero
                bits |= np.uint8(8) if buffer[g + np.uint64(3) * n] == level else zero
                halves[place + g] = bits
            place += n


@kernel
def _join_pairs(halves, pairs, groups, out):
    """Two levels in a byte each, the second in its upper half."""
    n = np.uint64(groups)
    for k in range(np.uint64(pairs)):
        to = k * n
        first = np.uint64(2) * to
        for g in range(n):
            upper = np.uint8(halves[first + n + g] << np.uint8(4))
            out[to + g] = halves[first + g] | upper


@kernel
def _turn_strips(halves, width, groups, out):
    """The half bytes of the levels of a strip next to each other, strip by strip."""
    levels = as_matrix(halves, width, groups)
    places = as_matrix(out, (width + STRIP - 1) // STRIP * groups, STRIP)
    for k in range(0, width, SIDE):
        first = k // STRIP * groups
        for g in range(0, groups, SIDE):
            turn_square(levels, k, g, places, first + g, k % STRIP)


@kernel
def _count_strip(x, pairs, y, s, full, same, groups, tables, sums, counts, table):
    """Count all pairs of levels against a strip, of which the second half may be empty."""
    strip = np.uint64(STRIP)
    lanes = np.uint64(LANES)
    n = np.uint64(groups)
    parts = n // PART
    # Where both sides are the same, what is left of the diagonal is not asked for.
    whole = s * STRIP // 2 + LANES // 2 if same else pairs
    below = whole + LANES // 2 if same and full else whole
    for k in range(below if below < pairs else pairs):
        begin = np.uint64(0) if k < whole else lanes
        end = strip if full else lanes
        for j in range(np.uint64(2) * strip):
            counts[j] = np.uint16(0)
        for part in range(parts):
            at = np.uint64(k) * n + part * PART
            y_at = (np.uint64(s) * n + part * PART) * strip
            if begin == lanes or not full:
                shared_by_one(x, at, y, y_at + begin, tables, sums)
            else:
                shared_by_two(x, at, y, y_at, tables, sums)
            for j in range(np.uint64(2) * strip):
                counts[j] += np.uint16(sums[j])
        row = np.uint64(2 * k)
        column = np.uint64(s) * strip
        for j in range(begin, end):
            table[row, column + j] += np.int64(counts[j - begin])
            table[row + np.uint64(1), column + j] += np.int64(counts[strip + j - begin])


@kernel
def count_by_half_bytes(x_codes, x_columns, y_codes, y_columns, same, start, stop, table):
    """
    Add what all levels of some columns share with those of others, for rows start to stop.

    Columns are (columns, 2), int64: the row of the codes, and how many levels are counted. The
    table is int64, with an even number of rows and a multiple of :data:`LANES` columns, the last
    level of each side for all rows; what comes into the cells past them means nothing. If both
    sides are the `same`, cells below the diagonal are left out as far as that saves work.
    """
    pairs = table.shape[0] // 2
    strips = (table.shape[1] + STRIP - 1) // STRIP
    most = ROWS // 4
    tables = new_array(256 * TABLE, np.uint8)
    fill_tables(tables)
    buffer = new_array(ROWS, np.uint8)
    sums = new_zeros(2 * STRIP, np.uint8)
    counts = new_array(2 * STRIP, np.uint16)
    y_halves = new_zeros(strips * STRIP * most, np.uint8)
    x_halves = y_halves if same else new_zeros(2 * pairs * most, np.uint8)
    x = new_array(pairs * most, np.uint8)
    y = new_array(strips * STRIP * most, np.uint8)
    two_parts = 8 * np.int64(PART)  # rows: squares are turned, of eight half bytes
    for first in range(start, stop, ROWS):
        last = first + ROWS if first + ROWS < stop else stop
        groups = (last - first + two_parts - 1) // two_parts * two_parts // 4
        fill_half_bytes(y_codes, y_columns, first, last, groups, buffer, y_halves)
        if not same:
            fill_half_bytes(x_codes, x_columns, first, last, groups, buffer, x_halves)
        _join_pairs(x_halves, pairs, groups, x)
        _turn_strips(y_halves, table.shape[1], groups, y)
        for s in range(strips):
            full = s * STRIP + LANES < table.shape[1]
            _count_strip(x, pairs, y, s, full, same, groups, tables, sums, counts, table)
